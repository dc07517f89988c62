"""Snowshoe hares and Canada lynxes, 1900-1920: thousands of pelts of the Hudson's Bay Company, year by year.

`YEARS`, `HARE` and `LYNX` are tuples of one length, one entry a year. The numbers of pelts stand for the
numbers of animals. Provenance: records of the Hudson's Bay Company, as tabulated by P. Howard, "Modeling
Basics" (lecture notes, 2009), and fitted with Stan by B. Carpenter, "Predator-Prey Population Dynamics: the
Lotka-Volterra model in Stan" (2018).
Constants only; imported by model and picture.
"""

YEARS = tuple(range(1900, 1921))

# fmt: off
HARE = (30.0, 47.2, 70.2, 77.4, 36.3, 20.6, 18.1, 21.4, 22.0, 25.4, 27.1,
        40.3, 57.0, 76.6, 52.3, 19.5, 11.2,  7.6, 14.6, 16.2, 24.7)

LYNX = ( 4.0,  6.1,  9.8, 35.2, 59.4, 41.7, 19.0, 13.0,  8.3,  9.1,  7.4,
         8.0, 12.3, 19.5, 45.7, 51.1, 29.7, 15.8,  9.7, 10.1,  8.6)
# fmt: on
