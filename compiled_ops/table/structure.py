"""Rows that move, add or multiply whole arrays: linear (each names its transpose), bilinear, and whole (their own pullback).

The adjoints are written once, with recording functions, in tape/adjoints; a linear row's pushforward is the row itself.
"""

from compiled_ops.rows import Structural


def linear(name, label, transpose, doc, labels=()):
    return Structural(name, "linear", label, doc, transpose, labels)


def bilinear(name, label, doc, labels=()):
    return Structural(name, "bilinear", label, doc, "", labels)


def whole(name, label, doc, labels=()):
    return Structural(name, "whole", label, doc, "", labels)


# fmt: off
STRUCTURE = (
    #      name            label            transpose        what it does                                          further labels
    linear("reshape",      "View",          "reshape",       "same elements, another shape",                       ("ReshapeAlias", "UnsafeView", "Squeeze", "Squeeze1", "Squeeze2", "Unsqueeze", "Flatten", "Alias", "Repeat", "LinalgEigh", "LinalgEig", "LinalgSvd", "LinalgQr", "ScatterReduce", "IndexReduce", "Put", "AsStridedScatter", "LinalgLu", "LuUnpack")),
    linear("clone",        "Clone",         "clone",         "a copy",                                             ("CopyBackwards",)),
    linear("cast",         "ToCopy",        "cast",          "another floating dtype",                             ("CastImplicit",)),
    linear("expand",       "Expand",        "sum",           "broadcast to a larger shape",                        ("ExpandImplicit",)),
    linear("sum",          "Sum",           "expand",        "sum over dimensions",                                ("Sum1", "Nansum", "Trace")),
    linear("mean",         "Mean",          "expand",        "arithmetic mean over dimensions",                    ("Mean1", "VarMean", "StdMean")),
    linear("permute",      "Permute",       "permute",       "dimensions in another order",                        ("T", "Transpose", "Rot90")),
    linear("getitem",      "Slice",         "scatter",       "basic indexing: a view",                             ("Select", "Split", "SplitWithSizes", "Unbind", "Diagonal", "AsStrided", "Narrow", "Unsqueeze", "Alias")),
    linear("take",         "Index",         "put",           "advanced indexing: a copy",                          ("Gather", "IndexSelect", "Take", "MaskedSelect", "Max", "Min", "Sort", "Topk", "Cummax", "Cummin", "Kthvalue", "Median1", "Nanmedian1", "Mode", "Aminmax", "Sort1")),
    linear("scatter",      "SliceScatter",  "getitem",       "zeros with the input at a basic index",               ("ConstantPadNd",)),
    linear("put",          "IndexPut",      "take",          "zeros with the input added at an advanced index",    ("ScatterAdd",)),
    linear("flip",         "Flip",          "flip",          "elements in reverse order along dimensions",         ("Rot90",)),
    linear("cumsum",       "Cumsum",        "cumsum",        "running sums along a dimension"),
    linear("tril",         "Tril",          "tril",          "lower triangle, zeros above"),
    linear("triu",         "Triu",          "triu",          "upper triangle, zeros below"),
    linear("diagonal",     "Diagonal",      "diagonal_scatter", "a diagonal of two dimensions: a view"),
    linear("diagonal_scatter", "DiagonalScatter", "diagonal", "zeros with the input on a diagonal",                 ("DiagEmbed",)),
    linear("scatter_add",  "ScatterAdd",    "",              "the first input with the second added at an index",     ("IndexAdd", "IndexPut", "Put", "ScatterReduce", "IndexReduce")),
    linear("replace",      "Scatter",       "",              "the first input with the second in its place at an index", ("Scatter1", "IndexPut", "IndexFill", "IndexFill1", "IndexCopy", "Put", "MaskedScatter", "SelectScatter", "SliceScatter", "DiagonalScatter", "AsStridedScatter", "ConstantPadNd")),
    linear("concatenate",  "Cat",           "getitem",       "arrays joined along a dimension",                    ("Stack", "Roll", "BlockDiag")),
    linear("fill",         "Fill",          "",              "one value everywhere, in the place of the first input",      ("Zero",)),
    linear("overwrite",    "CopySlices",    "",              "the first input with the second written at an index", ("IndexPut", "CopyBackwards")),
    linear("select",       "Where",         "",              "elements of the first or second input, by a mask",   ("Clamp", "Clamp1", "ClampMin", "ClampMin1", "ClampMax", "ClampMax1", "MaskedFill", "MaskedFill1", "NanToNum")),
    whole("prod",          "Prod",          "product over one dimension or all",                                   ("Prod1",)),
    whole("amax",          "Amax",          "largest element over dimensions",                                     ("Max1", "Median", "Nanmedian", "Aminmax")),
    whole("amin",          "Amin",          "smallest element over dimensions",                                    ("Min1", "Aminmax")),
    whole("var",           "Var",           "variance over dimensions",                                            ("VarMean",)),
    whole("std",           "Std",           "standard deviation over dimensions",                                  ("StdMean",)),
    whole("logsumexp",     "Logsumexp",     "log of the sum of exponentials over dimensions"),
    whole("softmax",       "Softmax",       "exponentials along a dimension, made to sum to one"),
    whole("log_softmax",   "LogSoftmax",    "logarithm of softmax"),
    whole("norm",          "LinalgVectorNorm", "vector norm of order p over dimensions",                           ("Dist",)),
    whole("solve",         "LinalgSolveEx", "solution of systems of linear equations"),
    whole("inv",           "LinalgInvEx",   "inverse matrices"),
    whole("det",           "LinalgDet",     "determinants"),
    whole("slogdet",       "LinalgSlogdet", "logarithms of absolute determinants"),
    whole("cholesky",      "LinalgCholeskyEx", "lower triangular factors of positive definite matrices"),
    whole("solve_triangular", "LinalgSolveTriangular", "solution of triangular systems"),
    whole("eigenvalues",   "LinalgEigh",    "eigenvalues of symmetric matrices"),
    whole("singular_values", "LinalgSvd",   "singular values"),
    bilinear("matmul",     "Mm",            "matrix products in all ranks",                                        ("Mv", "Dot", "Bmm", "Mul")),
    whole("program",       "Compiled",      "a compiled function, from one vector to another"),
    whole("cumprod",       "Cumprod",       "running products along a dimension"),
    whole("recurrence",    "Recurrence",    "y[j] = b[j] + a[j] y[j-1] along a dimension"),
    whole("logcumsumexp",  "Logcumsumexp",  "running logarithms of sums of exponentials along a dimension"),
    linear("conj",         "Conj",          "conj",          "complex conjugates",                                 ("ConjPhysical",)),
    linear("real",         "Select",        "complex",       "the real part: a view"),
    linear("imag",         "Select",        "complex",       "the imaginary part: a view"),
    linear("view_as_real", "ViewAsReal",    "view_as_complex", "complex values as pairs of real ones: a view"),
    linear("view_as_complex", "ViewAsComplex", "view_as_real", "pairs of real values as complex ones: a view"),
    linear("complex",      "Complex",       "",              "complex values of a real and an imaginary part",     ("Polar",)),
    whole("sgn",           "Sgn",           "complex values over their absolute values"),
    whole("angle",         "Angle",         "arguments of complex values, or of real ones"),
    linear("strided",      "AsStrided",     "put",           "elements at equal distances, which may overlap: a view", ("Unfold",)),
    whole("eigh",          "LinalgEigh",    "eigenvalues and eigenvectors of symmetric matrices, end to end"),
    whole("eig",           "LinalgEig",     "eigenvalues and eigenvectors of any matrices, end to end"),
    whole("svd",           "LinalgSvd",     "singular values and singular vectors, end to end"),
    whole("qr",            "LinalgQr",      "orthogonal and triangular factors, end to end"),
    whole("lu_factor",     "LinalgLuFactorEx", "compact triangular factors of matrices with exchanged rows"),
    whole("matrix_exp",    "LinalgMatrixExp", "exponentials of matrices"),
    whole("pinv",          "LinalgPinv",    "pseudo-inverses"),
    whole("lstsq",         "LinalgLstsq",   "solutions of least-squares problems"),
    linear("examples",     "Examples",      "collect",       "one value for each example of a vmap"),
    linear("collect",      "Collect",       "examples",      "the values of all examples of a vmap along a dimension"),
    linear("spread",       "Spread",        "collect",       "a value from outside a vmap, for each of its examples"),
    linear("fft",          "FftC2C",        "fft",           "the discrete Fourier transform, in either direction", ("FftR2C",)),
    linear("rfft",         "FftR2C",        "irfft",         "the transform of real values: half a spectrum"),
    linear("irfft",        "FftC2R",        "rfft",          "real values of half a spectrum"),
    linear("function",     "Function",      "",              "a user's Function: of its one output, or of a token that stands for all of them"),
    linear("output",       "Output",        "",              "one of several outputs of a Function; its gradient waits until they all have come"),
    linear("undifferentiated", "Error",     "",              "a value without a derivative in inputs that it depends on: going through it is an error"),
    whole("betainc",       "Betainc",       "the regularised incomplete beta function, in its last argument"),
)
# fmt: on
