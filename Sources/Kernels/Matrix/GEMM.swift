import COpenBLAS
import Tensors

/// A real type that OpenBLAS multiplies matrices of.
protocol MatrixElement: Real {
    /// `c = a * b + beta * c` over row-major matrices.
    static func multiply(
        _ shape: MatrixShape, _ a: UnsafePointer<Self>, _ b: UnsafePointer<Self>,
        _ c: UnsafeMutablePointer<Self>)
}

/// Sizes and layout of a matrix product `[m, k] * [k, n]`; the strides are elements between rows in memory.
struct MatrixShape {
    var m: Int
    var n: Int
    var k: Int
    var transposesA = false
    var transposesB = false
    var strideA: Int
    var strideB: Int
    var strideC: Int
    /// 0 overwrites the result, 1 adds to it.
    var beta = 0

    /// A product of contiguous matrices.
    init(m: Int, n: Int, k: Int, transposesA: Bool = false, transposesB: Bool = false) {
        (self.m, self.n, self.k) = (m, n, k)
        (self.transposesA, self.transposesB) = (transposesA, transposesB)
        strideA = transposesA ? m : k
        strideB = transposesB ? k : n
        strideC = n
    }

    /// Whether every number fits OpenBLAS's 32-bit integers, and there is something to do.
    var fits: Bool { [m, n, k, strideA, strideB, strideC].allSatisfy { $0 > 0 && $0 <= Int(Int32.max) } }

    fileprivate var transA: CBLAS_TRANSPOSE { transposesA ? CblasTrans : CblasNoTrans }
    fileprivate var transB: CBLAS_TRANSPOSE { transposesB ? CblasTrans : CblasNoTrans }
}

extension Float: MatrixElement {
    static func multiply(
        _ shape: MatrixShape, _ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>,
        _ c: UnsafeMutablePointer<Float>
    ) {
        // SAFETY: the callers hold tensors of these sizes, and `fits` was checked before the conversions.
        cblas_sgemm(
            CblasRowMajor, shape.transA, shape.transB, Int32(shape.m), Int32(shape.n), Int32(shape.k), 1, a,
            Int32(shape.strideA), b, Int32(shape.strideB), Float(shape.beta), c, Int32(shape.strideC))
    }
}

extension Double: MatrixElement {
    static func multiply(
        _ shape: MatrixShape, _ a: UnsafePointer<Double>, _ b: UnsafePointer<Double>,
        _ c: UnsafeMutablePointer<Double>
    ) {
        // SAFETY: the callers hold tensors of these sizes, and `fits` was checked before the conversions.
        cblas_dgemm(
            CblasRowMajor, shape.transA, shape.transB, Int32(shape.m), Int32(shape.n), Int32(shape.k), 1, a,
            Int32(shape.strideA), b, Int32(shape.strideB), Double(shape.beta), c, Int32(shape.strideC))
    }
}

extension Invocation {
    /// Counts the multiplications of `shape` and checks its sizes.
    func charge(_ shape: MatrixShape, times: Int = 1) throws(KernelError) {
        // Some sixteen multiplications take the time of one plain operation.
        let products = saturatingMultiply(saturatingMultiply(shape.m, shape.n), shape.k)
        try workspace.charge(saturatingMultiply(products, times) / 16)
        guard shape.fits else { throw .tooLarge("a product of \(shape.m) x \(shape.k) x \(shape.n)") }
    }
}
