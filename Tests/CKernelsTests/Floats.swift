import CKernels
import Glibc

/// 64-byte aligned floats that live as long as the value; the tests' only memory.
final class Floats {
    let pointer: UnsafeMutablePointer<Float>
    let count: Int

    /// `count` floats, all `value`. NaN by default: a kernel that reads or leaves one shows it.
    init(_ count: Int, value: Float = .nan) {
        self.count = count
        let bytes = UnsafeMutableRawPointer.allocate(byteCount: max(count, 1) * 4, alignment: 64)
        // SAFETY: freshly allocated for count floats, initialised right here.
        pointer = bytes.bindMemory(to: Float.self, capacity: count)
        pointer.initialize(repeating: value, count: count)
    }

    convenience init(_ values: [Float]) {
        self.init(values.count)
        for (index, value) in values.enumerated() { pointer[index] = value }
    }

    deinit { free(pointer) }

    var values: [Float] { Array(UnsafeBufferPointer(start: pointer, count: count)) }
}

/// Repeatable noise of about unit scale.
struct Noise {
    private var state: UInt64

    init(seed: Int) { state = UInt64(seed) &* 0x9E37_79B9_7F4A_7C15 | 1 }

    mutating func next() -> Float {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return Float(Int32(truncatingIfNeeded: state >> 33) & 0xFFFF) / 32768 - 1
    }

    mutating func floats(_ count: Int) -> [Float] { (0..<count).map { _ in next() } }
}

/// The instruction sets this processor has.
let instructionSets: [ck_isa] = [CK_ISA_PORTABLE, CK_ISA_AVX2, CK_ISA_AVX512].filter {
    $0.rawValue <= ck_isa_best().rawValue
}

/// ||actual - expected|| / ||expected||; infinite when a value is not finite.
func relativeError(_ actual: [Float], _ expected: [Float]) -> Double {
    guard actual.count == expected.count else { return .infinity }
    var difference = 0.0
    var size = 1e-30
    for (a, e) in zip(actual, expected) {
        guard a.isFinite else { return .infinity }
        difference += (Double(a) - Double(e)) * (Double(a) - Double(e))
        size += Double(e) * Double(e)
    }
    return (difference / size).squareRoot()
}

extension ck_shape {
    /// A square-kernel convolution; `bottom` and `right` padding equal top and left unless said otherwise.
    init(
        _ batch: Int, _ input: Int, _ output: Int, _ height: Int, _ width: Int, kernel: (Int, Int),
        stride: (Int, Int) = (1, 1), pad: (Int, Int) = (0, 0), dilation: (Int, Int) = (1, 1),
        extra: (Int, Int) = (0, 0),
        groups: Int = 1
    ) {
        self.init()
        self.batch = Int32(batch)
        in_channels = Int32(input)
        out_channels = Int32(output)
        self.groups = Int32(groups)
        in_height = Int32(height)
        in_width = Int32(width)
        kernel_height = Int32(kernel.0)
        kernel_width = Int32(kernel.1)
        stride_height = Int32(stride.0)
        stride_width = Int32(stride.1)
        dilation_height = Int32(dilation.0)
        dilation_width = Int32(dilation.1)
        pad_top = Int32(pad.0)
        pad_left = Int32(pad.1)
        out_height = Int32((height + 2 * pad.0 + extra.0 - (kernel.0 - 1) * dilation.0 - 1) / stride.0 + 1)
        out_width = Int32((width + 2 * pad.1 + extra.1 - (kernel.1 - 1) * dilation.1 - 1) / stride.1 + 1)
    }

    var inputFloats: Int { Int(batch * in_channels * in_height * in_width) }
    var outputFloats: Int { Int(batch * out_channels * out_height * out_width) }
    var inputPixels: Int { Int(in_height * in_width) }
    var outputPixels: Int { Int(out_height * out_width) }
    var inputImage: Int { (Int(in_channels) + 15) / 16 * 16 * inputPixels }
    var outputImage: Int { (Int(out_channels) + 15) / 16 * 16 * outputPixels }
    var filterFloats: Int { Int(out_channels * (in_channels / groups) * kernel_height * kernel_width) }
}

/// Planar float[N][C][pixels] to blocked, lanes beyond C set to 1e6 to show a kernel that reads them as
/// channels.
func blocked(_ planar: [Float], images: Int, channels: Int, pixels: Int) -> Floats {
    let image = (channels + 15) / 16 * 16 * pixels
    let result = Floats(images * image, value: 1e6)
    for n in 0..<images {
        for c in 0..<channels {
            for p in 0..<pixels {
                result.pointer[n * image + (c / 16 * pixels + p) * 16 + c % 16] =
                    planar[(n * channels + c) * pixels + p]
            }
        }
    }
    return result
}

func planar(_ blocked: Floats, images: Int, channels: Int, pixels: Int) -> [Float] {
    let image = (channels + 15) / 16 * 16 * pixels
    var result: [Float] = []
    for n in 0..<images {
        for c in 0..<channels {
            for p in 0..<pixels {
                result.append(blocked.pointer[n * image + (c / 16 * pixels + p) * 16 + c % 16])
            }
        }
    }
    return result
}
