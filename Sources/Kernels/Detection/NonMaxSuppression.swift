import Tensors

/// A box by its lower and upper corner.
private struct Box {
    let bottom: Float
    let left: Float
    let top: Float
    let right: Float
    let area: Float

    /// Of four numbers: two opposite corners `y1, x1, y2, x2`, or `x, y, width, height` of a centre.
    init(_ numbers: ArraySlice<Float>, isCentred: Bool) {
        let n = Array(numbers)
        let (ys, xs) =
            isCentred
            ? ((n[1] - n[3] / 2, n[1] + n[3] / 2), (n[0] - n[2] / 2, n[0] + n[2] / 2))
            : ((n[0], n[2]), (n[1], n[3]))
        (bottom, top) = (min(ys.0, ys.1), max(ys.0, ys.1))
        (left, right) = (min(xs.0, xs.1), max(xs.0, xs.1))
        area = (top - bottom) * (right - left)
    }

    /// Whether intersection over union passes `threshold`; never for boxes without area, or of NaN.
    func overlaps(_ other: Box, threshold: Float) -> Bool {
        let height = min(top, other.top) - max(bottom, other.bottom)
        let width = min(right, other.right) - max(left, other.left)
        guard height > 0, width > 0, area > 0, other.area > 0 else { return false }
        let shared = height * width
        return shared / (area + other.area - shared) > threshold
    }
}

extension Invocation {
    /// `NonMaxSuppression` (opset 10 to 11): of `boxes [N, B, 4]` and `scores [N, C, B]`, rows
    /// `[image, class, box]` of the boxes kept, best first in each class; of equal scores the lower place.
    ///
    /// A NaN score ranks nowhere, so its box is never kept.
    func suppressNonMaxima() throws(KernelError) -> [Tensor] {
        let (boxes, scores) = (try input(0), try input(1))
        guard boxes.shape.rank == 3, scores.shape.rank == 3, boxes.shape[2] == 4,
            boxes.shape[0] == scores.shape[0], boxes.shape[1] == scores.shape[2],
            boxes.elementType.isFloatingPoint, scores.elementType.isFloatingPoint
        else { throw .invalid("boxes \(boxes.shape) do not fit scores \(scores.shape)") }
        let count = boxes.shape[1]
        let limit = min(max(try integers(2)?.first ?? 0, 0), count)
        let overlapMax = Float(optional(3)?.firstNumber ?? 0)
        let floor = (optional(4)?.firstNumber).map { Float($0) }
        let isCentred = try attributes.flag("center_point_box")
        try workspace.reserve(scores.count)
        try workspace.charge(saturatingMultiply(scores.count, 20))
        let (numbers, values) = (boxes.floats(), scores.floats())
        var rows: [Int64] = []
        for row in 0..<(limit > 0 ? saturatingProduct(scores.shape.dims[..<2]) : 0) {
            let (image, category) = (row / scores.shape[1], row % scores.shape[1])
            let ranked = (0..<count).filter { box in
                let score = values[row * count + box]
                return !score.isNaN && floor.map { score > $0 } ?? true
            }.sorted { a, b in
                let (first, second) = (values[row * count + a], values[row * count + b])
                return first == second ? a < b : first > second
            }
            var kept: [Box] = []
            for place in ranked where kept.count < limit {
                let start = (image * count + place) * 4
                let box = Box(numbers[start..<(start + 4)], isCentred: isCentred)
                try workspace.charge(saturatingMultiply(kept.count, 4))
                if kept.contains(where: { $0.overlaps(box, threshold: overlapMax) }) { continue }
                kept.append(box)
                rows += [Int64(image), Int64(category), Int64(place)]
            }
        }
        return [try make([rows.count / 3, 3], rows)]
    }
}

/// ONNX's operators of object detectors.
let detectionOperators: [String: OperatorFunction] = [
    "NonMaxSuppression": { call throws(KernelError) in try call.suppressNonMaxima() },
    "RoiAlign": { call throws(KernelError) in try call.alignRegions() },
    "MaxRoiPool": { call throws(KernelError) in try call.poolRegions() },
]
