import Glibc
import Tensors

extension Invocation {
    /// `HannWindow`, `HammingWindow`, `BlackmanWindow` (opset 17): the sum of
    /// `terms[k] * cos(2 pi k n / N)`, where N is the size, or one less of a symmetric window.
    func window(_ terms: [Double]) throws(KernelError) -> [Tensor] {
        guard let size = try integers(0)?.first, size >= 0 else { throw .invalid("no size of a window") }
        try workspace.charge(saturatingMultiply(size, 16))
        try workspace.reserve(size)
        let period = Double(max(try attributes.flag("periodic", default: true) ? size : size - 1, 1))
        let values = (0..<size).map { place in
            terms.enumerated().reduce(0.0) { sum, term in
                sum + term.element * cos(2 * .pi * Double(term.offset) * Double(place) / period)
            }
        }
        return [try cast(try make([size], values), to: try targetType("output_datatype") ?? .float32)]
    }

    /// `MelWeightMatrix` (opset 17): triangles over the bins of a spectrum, their corners at even steps of
    /// `mel(f) = 2595 log10(1 + f / 700)`.
    func melWeights() throws(KernelError) -> [Tensor] {
        guard let bands = try integers(0)?.first, let length = try integers(1)?.first,
            let rate = try integers(2)?.first, (0...(1 << 20)).contains(bands),
            (0...(1 << 24)).contains(length),
            rate > 0, let low = try input(3).firstNumber, let high = try input(4).firstNumber,
            low >= 0, high >= low, high.isFinite
        else { throw .invalid("the sizes or edges of a mel spectrum") }
        let bins = length / 2 + 1
        try workspace.reserve(saturatingMultiply(bins, bands))
        let corners = melCorners(low, high, count: bands + 2).map { hertz in
            min(Double(length + 1) * hertz / Double(rate), 1e9).rounded(.down)
        }
        var results = [Double](repeating: 0, count: bins * bands)
        for band in 0..<bands {
            let (left, peak, right) = (corners[band], corners[band + 1], corners[band + 2])
            for bin in max(Int(left), 0)..<max(min(Int(right) + 1, bins), max(Int(left), 0)) {
                let place = Double(bin)
                var weight = place < peak ? (place - left) / (peak - left) : 0
                if place >= peak, place < right { weight = (right - place) / (right - peak) }
                if place == peak { weight = 1 }
                results[bin * bands + band] = weight
            }
        }
        return [
            try cast(try make([bins, bands], results), to: try targetType("output_datatype") ?? .float32)
        ]
    }

    /// Frequencies at `count` even steps of the mel scale from `low`; one more step would reach `high`.
    private func melCorners(_ low: Double, _ high: Double, count: Int) -> [Double] {
        func mel(_ hertz: Double) -> Double { 2595 * log10(1 + hertz / 700) }
        let step = (mel(high) - mel(low)) / Double(count)
        return (0..<count).map { 700 * (pow(10, (mel(low) + Double($0) * step) / 2595) - 1) }
    }
}
