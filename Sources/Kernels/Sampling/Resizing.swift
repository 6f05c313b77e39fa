import Glibc
import Tensors

/// The elements of an axis that one output place is made of: input places with weights, or nothing at all
/// (outside the region of interest, where the extrapolation value stands).
private struct Taps {
    var places: [Int] = []
    var weights: [Double] = []
    var isOutside = false
}

/// What `Resize` and `Upsample` do along one axis.
private struct ResizedAxis {
    let axis: Int
    let inputSize: Int
    let outputSize: Int
    /// Output size over input size, as stated or computed.
    let scale: Double
    /// Start and end of the region of interest, as shares of the axis.
    var region: (start: Double, end: Double) = (0, 1)
}

/// The attributes of `Resize` (opset 10 to 19).
private struct ResizeForm {
    let mode: String
    let coordinates: String
    let nearest: String
    let cubic: Double
    let excludesOutside: Bool
    let antialiases: Bool

    init(_ call: Invocation) throws(KernelError) {
        mode = try call.attributes.text("mode", default: "nearest")
        let isOld = call.opset < 11
        coordinates = try call.attributes.text(
            "coordinate_transformation_mode", default: isOld ? "asymmetric" : "half_pixel")
        nearest = try call.attributes.text("nearest_mode", default: isOld ? "floor" : "round_prefer_floor")
        cubic = Double(try call.attributes.float("cubic_coeff_a", default: -0.75))
        excludesOutside = try call.attributes.flag("exclude_outside")
        antialiases = try call.attributes.flag("antialias")
        guard ["nearest", "linear", "bilinear", "cubic"].contains(mode) else {
            throw .unsupported("attribute mode = \(mode)")
        }
    }

    /// Where output place `place` lies on the input axis.
    func coordinate(of place: Int, _ axis: ResizedAxis) throws(KernelError) -> Double {
        let (x, size, count) = (Double(place), Double(axis.inputSize), Double(axis.outputSize))
        switch coordinates {
        case "half_pixel": return (x + 0.5) / axis.scale - 0.5
        case "pytorch_half_pixel": return count > 1 ? (x + 0.5) / axis.scale - 0.5 : 0
        case "align_corners": return count > 1 ? x * (size - 1) / (count - 1) : 0
        case "asymmetric": return x / axis.scale
        case "half_pixel_symmetric":
            // The image stays centred though its scaled size was cut to a whole number.
            let adjustment = count / (axis.scale * size)
            return size / 2 * (1 - adjustment) + (x + 0.5) / axis.scale - 0.5
        case "tf_half_pixel_for_nn": return (x + 0.5) / axis.scale
        case "tf_crop_and_resize":
            let (start, end) = axis.region
            return count > 1
                ? start * (size - 1) + x * (end - start) * (size - 1) / (count - 1)
                : 0.5 * (start + end) * (size - 1)
        default: throw .unsupported("attribute coordinate_transformation_mode = \(coordinates)")
        }
    }

    /// Elements on either side that an output may be made of. Antialiasing stretches the kernel over as many
    /// inputs as an output covers.
    func reach(_ axis: ResizedAxis) -> Double {
        mode == "nearest" ? 1 : (mode == "cubic" ? 2 : 1) / (antialiases ? min(axis.scale, 1) : 1)
    }

    /// The taps of output place `place`.
    func taps(of place: Int, _ axis: ResizedAxis) throws(KernelError) -> Taps {
        let x = try coordinate(of: place, axis)
        let last = axis.inputSize - 1
        if coordinates == "tf_crop_and_resize", x < 0 || x > Double(last) { return Taps(isOutside: true) }
        guard x.isFinite, abs(x) < 1e15 else { throw .invalid("scale \(axis.scale)") }
        if mode == "nearest" { return Taps(places: [min(max(try rounded(x), 0), last)], weights: [1]) }
        let stretch = antialiases ? min(axis.scale, 1) : 1
        let reach = reach(axis)
        var taps = Taps()
        var total = 0.0
        for index in Int((x - reach).rounded(.down))...Int((x + reach).rounded(.up)) {
            let weight = kernel((x - Double(index)) * stretch)
            let isInside = index >= 0 && index <= last
            if weight == 0 || (excludesOutside && !isInside) { continue }
            taps.places.append(min(max(index, 0), last))
            taps.weights.append(weight)
            total += weight
        }
        if excludesOutside || antialiases, total != 0 { taps.weights = taps.weights.map { $0 / total } }
        return taps
    }

    private func kernel(_ offset: Double) -> Double {
        let x = abs(offset)
        guard mode == "cubic" else { return max(0, 1 - x) }
        if x <= 1 { return ((cubic + 2) * x - (cubic + 3)) * x * x + 1 }
        return x < 2 ? ((cubic * x - 5 * cubic) * x + 8 * cubic) * x - 4 * cubic : 0
    }

    private func rounded(_ x: Double) throws(KernelError) -> Int {
        switch nearest {
        case "round_prefer_floor": return Int((x - 0.5).rounded(.up))
        case "round_prefer_ceil": return Int((x + 0.5).rounded(.down))
        case "floor": return Int(x.rounded(.down))
        case "ceil": return Int(x.rounded(.up))
        default: throw .unsupported("attribute nearest_mode = \(nearest)")
        }
    }
}

extension Invocation {
    /// `Resize` (opset 10 to 19): axis by axis.
    func resize() throws(KernelError) -> [Tensor] {
        let x = try input(0)
        guard x.elementType.widened != nil, x.elementType != .bool else {
            throw .unsupported("type \(x.elementType)")
        }
        let form = try ResizeForm(self)
        let scaleInput = opset < 11 ? 1 : 2
        var scales = optional(scaleInput)?.doubles() ?? []
        if let attribute = try attributes.floats("scales") { scales = attribute.map(Double.init) }
        let axes = try resizedAxes(x, scales: scales)
        let fill = Double(try attributes.float("extrapolation_value", default: 0))
        var values = x.doubles()
        var dims = x.shape.dims
        for axis in axes where axis.inputSize != axis.outputSize || form.coordinates == "tf_crop_and_resize" {
            guard axis.inputSize > 0 else { throw .invalid("nothing to resize in \(x.shape)") }
            let widest = form.reach(axis)
            guard widest < 1e9 else { throw .tooLarge("a kernel of \(widest) elements") }
            try workspace.reserve(saturatingMultiply(axis.outputSize, 2 * Int(widest) + 3))
            let taps = try (0..<axis.outputSize).map { (place) throws(KernelError) in
                try form.taps(of: place, axis)
            }
            let reach = taps.map(\.places.count).max() ?? 0
            let outer = saturatingProduct(dims[..<axis.axis])
            let inner = saturatingProduct(dims[(axis.axis + 1)...])
            dims[axis.axis] = axis.outputSize
            try workspace.charge(saturatingMultiply(saturatingProduct(dims), max(reach, 1)))
            guard saturatingProduct(dims) <= workspace.pool.bytesMax / 8 else {
                throw .tooLarge("a shape of \(Shape(dims))")
            }
            var resized = [Double](repeating: 0, count: saturatingProduct(dims))
            for block in 0..<(resized.isEmpty ? 0 : outer) {
                for (place, tap) in taps.enumerated() {
                    let target = (block * axis.outputSize + place) * inner
                    for offset in 0..<inner {
                        resized[target + offset] =
                            tap.isOutside
                            ? fill
                            : zip(tap.places, tap.weights).reduce(0) {
                                $0 + $1.1 * values[(block * axis.inputSize + $1.0) * inner + offset]
                            }
                    }
                }
            }
            values = resized
        }
        return [try cast(try make(dims, values), to: x.elementType)]
    }

    /// A size computed in floating point, rounded down.
    private func count(_ size: Double) throws(KernelError) -> Int {
        guard size >= 0, size < 1e12 else { throw .invalid("a size of \(size)") }
        return Int(size.rounded(.down))
    }

    private func resizedAxes(_ x: Tensor, scales: [Double]) throws(KernelError) -> [ResizedAxis] {
        let rank = x.shape.rank
        let named = try (try attributes.integers("axes") ?? Array(0..<rank)).map {
            (axis) throws(KernelError) in
            try normalize(axis: axis, rank: rank)
        }
        let sizes = opset < 11 ? nil : try integers(3)
        let region = opset < 11 ? [] : optional(1)?.doubles() ?? []
        let given = sizes ?? []
        guard given.isEmpty ? scales.count == named.count : given.count == named.count else {
            throw .invalid("\(scales.count) scales or \(given.count) sizes for \(named.count) axes")
        }
        guard scales.allSatisfy({ $0 > 0 && $0.isFinite && $0 < 1e9 }), given.allSatisfy({ $0 > 0 }) else {
            throw .invalid("scales \(scales) or sizes \(given)")
        }
        var common: Double?
        let policy = try attributes.text("keep_aspect_ratio_policy", default: "stretch")
        if policy != "stretch", !given.isEmpty {
            let ratios = zip(named, given).map { Double($1) / Double(max(x.shape.dims[$0], 1)) }
            common = policy == "not_larger" ? ratios.min() : ratios.max()
        }
        return try named.enumerated().map { (index, axis) throws(KernelError) in
            let size = x.shape.dims[axis]
            var scale = given.isEmpty ? scales[index] : Double(given[index]) / Double(max(size, 1))
            var output = given.isEmpty ? try count(Double(size) * scale) : given[index]
            if let common {
                scale = common
                output = try count(Double(size) * common + 0.5)
            }
            var resized = ResizedAxis(axis: axis, inputSize: size, outputSize: output, scale: scale)
            if region.count == 2 * named.count {
                resized.region = (region[index], region[index + named.count])
            }
            return resized
        }
    }
}

/// ONNX's operators that sample images anew.
let samplingOperators: [String: OperatorFunction] = [
    "Resize": { call throws(KernelError) in try call.resize() },
    "Upsample": { call throws(KernelError) in try call.resize() },
    "AffineGrid": { call throws(KernelError) in try call.affineGrid() },
    "GridSample": { call throws(KernelError) in try call.gridSample() },
]
