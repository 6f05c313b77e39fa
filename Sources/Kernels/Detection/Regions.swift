import Tensors

/// A sampling point along an axis: two neighbouring places and the share of the second.
private struct SamplePoint {
    let low: Int
    let high: Int
    let share: Double

    /// At `coordinate` of an axis of `size`; nil more than one place outside it.
    init?(_ coordinate: Double, size: Int) {
        guard coordinate >= -1, coordinate <= Double(size), size > 0 else { return nil }
        let inside = min(max(coordinate, 0), Double(size - 1))
        low = Int(inside)
        high = min(low + 1, size - 1)
        share = inside - Double(low)
    }
}

/// The sampling points of one output place along one axis.
private struct CellSamples {
    /// Those inside the picture.
    let points: [SamplePoint]
    /// How many there are, with those outside.
    let count: Int
}

/// The sampling points of one region along one axis.
private struct RegionAxis {
    /// Those of each output place.
    private(set) var cells: [CellSamples] = []
    /// Points inside the picture, over all places.
    var pointCount: Int { cells.reduce(0) { $0 + $1.points.count } }

    /// Of the region from `start` to `end` (input coordinates) on an axis of `size`, cut into `count`
    /// parts of `ratio` points each; a ratio of 0 takes about one point for each input place. Such points are
    /// at least half a place apart, so that however large the region is, few of them are inside.
    init(
        _ call: Invocation, start: Double, end: Double, size: Int, count: Int, ratio: Int
    ) throws(KernelError) {
        let part = (end - start) / Double(count)
        guard start.isFinite, part.isFinite, abs(part) < 1e9 else {
            throw .invalid("a region from \(start) to \(end)")
        }
        let perPart = ratio > 0 ? ratio : max(Int(part.rounded(.up)), 0)
        let all = saturatingMultiply(count, perPart)
        let inside = saturatingAdd(saturatingMultiply(size, 2), saturatingMultiply(count, 8))
        try call.workspace.reserve(ratio > 0 ? all : min(all, inside), elementBytes: 48)
        try call.workspace.reserve(count, elementBytes: 64)
        for place in 0..<count {
            let base = start + Double(place) * part
            var points: [SamplePoint] = []
            for step in Self.steps(base: base, part: part, perPart: perPart, size: size, isOpen: ratio == 0) {
                let offset = (Double(step) + 0.5) * part / Double(perPart)
                if let point = SamplePoint(base + offset, size: size) { points.append(point) }
            }
            cells.append(CellSamples(points: points, count: perPart))
        }
    }

    /// The steps of a part that may be inside an axis of `size`, a few more perhaps; all where their number
    /// is bounded anyway.
    private static func steps(base: Double, part: Double, perPart: Int, size: Int, isOpen: Bool) -> Range<Int>
    {
        let scale = Double(perPart) / part
        guard isOpen, scale.isFinite, scale > 0 else { return 0..<perPart }
        let low = ((-1 - base) * scale - 0.5).rounded(.down) - 1
        let high = ((Double(size) - base) * scale - 0.5).rounded(.up) + 2
        let first = min(max(low, 0), Double(perPart))
        return Int(first)..<Int(min(max(high, first), Double(perPart)))
    }
}

extension Invocation {
    /// `RoiAlign` (opset 10 to 22): `x [N, C, H, W]` sampled bilinearly in each region `x1, y1, x2, y2`.
    func alignRegions() throws(KernelError) -> [Tensor] {
        let (x, regions, images) = (try input(0), try input(1), try integers(2) ?? [])
        let size = (
            height: try attributes.integer("output_height", default: 1),
            width: try attributes.integer("output_width", default: 1)
        )
        let ratio = try attributes.integer("sampling_ratio", default: 0)
        guard x.shape.rank == 4, regions.shape.rank == 2, regions.shape[1] == 4,
            regions.shape[0] == images.count, x.elementType.isFloatingPoint,
            regions.elementType.isFloatingPoint, (1...(1 << 16)).contains(size.height),
            (1...(1 << 16)).contains(size.width), (0...(1 << 16)).contains(ratio)
        else { throw .invalid("regions \(regions.shape) do not fit \(x.shape)") }
        let isShifted = try attributes.text(
            "coordinate_transformation_mode", default: opset < 16 ? "output_half_pixel" : "half_pixel")
        let scale = Double(try attributes.float("spatial_scale", default: 1))
        let takesMaximum = try attributes.text("mode", default: "avg") == "max"
        let result = try make(.float64, [images.count, x.shape[1], size.height, size.width])
        guard result.count > 0 else { return [try cast(result, to: x.elementType)] }
        let target = result.mutableElements(as: Double.self)
        let (values, corners) = (x.doubles(), regions.doubles())
        var place = 0
        for (region, image) in images.enumerated() {
            guard image >= 0, image < x.shape[0] else { throw .invalid("image \(image) of \(x.shape)") }
            var edges = corners[(region * 4)..<(region * 4 + 4)].map {
                $0 * scale - (isShifted == "half_pixel" ? 0.5 : 0)
            }
            if isShifted != "half_pixel" {
                // A region is at least one place wide and high.
                edges[2] = max(edges[2], edges[0] + 1)
                edges[3] = max(edges[3], edges[1] + 1)
            }
            let rows = try RegionAxis(
                self, start: edges[1], end: edges[3], size: x.shape[2], count: size.height, ratio: ratio)
            let columns = try RegionAxis(
                self, start: edges[0], end: edges[2], size: x.shape[3], count: size.width, ratio: ratio)
            let samples = saturatingMultiply(rows.pointCount, columns.pointCount)
            try workspace.charge(saturatingMultiply(saturatingMultiply(samples, x.shape[1]), 8))
            for channel in 0..<x.shape[1] {
                let plane = (image * x.shape[1] + channel) * x.shape[2]
                for row in rows.cells {
                    for column in columns.cells {
                        target[place] = pooled(row, column, takesMaximum) { line, offset in
                            values[(plane + line) * x.shape[3] + offset]
                        }
                        place += 1
                    }
                }
            }
        }
        return [try cast(result, to: x.elementType)]
    }

    /// The mean, or the largest weighted neighbour, of the samples at `rows` by `columns`.
    private func pooled(
        _ rows: CellSamples, _ columns: CellSamples, _ takesMaximum: Bool,
        _ value: (_ line: Int, _ offset: Int) -> Double
    ) -> Double {
        let count = Double(rows.count) * Double(columns.count)
        // A point outside the picture is a zero.
        let areAllInside = rows.points.count == rows.count && columns.points.count == columns.count
        var (sum, largest) = (0.0, count == 0 || !areAllInside ? 0 : -Double.infinity)
        for row in rows.points {
            for column in columns.points {
                let parts = [
                    (1 - row.share) * (1 - column.share) * value(row.low, column.low),
                    (1 - row.share) * column.share * value(row.low, column.high),
                    row.share * (1 - column.share) * value(row.high, column.low),
                    row.share * column.share * value(row.high, column.high),
                ]
                sum += parts[0] + parts[1] + parts[2] + parts[3]
                largest = parts.reduce(largest) { max($0, $1) }
            }
        }
        if takesMaximum { return largest == -.infinity ? 0 : largest }
        return sum / max(count, 1)
    }

    /// `MaxRoiPool` (opset 1 to 22): the largest element of each cell of each region
    /// `image, x1, y1, x2, y2`, corners rounded to places; 0 for a cell outside the picture.
    func poolRegions() throws(KernelError) -> [Tensor] {
        let (x, regions) = (try input(0), try input(1))
        let size = try attributes.integers("pooled_shape") ?? []
        guard x.shape.rank == 4, regions.shape.rank == 2, regions.shape[1] == 5, size.count == 2,
            size.allSatisfy({ (1...(1 << 16)).contains($0) }), x.elementType.isFloatingPoint,
            regions.elementType.isFloatingPoint
        else { throw .invalid("regions \(regions.shape) do not fit \(x.shape)") }
        let scale = Double(try attributes.float("spatial_scale", default: 1))
        let result = try make(.float64, [regions.shape[0], x.shape[1], size[0], size[1]])
        guard result.count > 0 else { return [try cast(result, to: x.elementType)] }
        let target = result.mutableElements(as: Double.self)
        let (values, numbers) = (x.doubles(), regions.doubles())
        var place = 0
        for start in stride(from: 0, to: numbers.count, by: 5) {
            let image = numbers[start]
            let edges = numbers[(start + 1)..<(start + 5)].map { ($0 * scale).rounded() }
            guard image >= 0, image < Double(x.shape[0]), edges.allSatisfy({ abs($0) < 1e9 }) else {
                throw .invalid("a region \(edges) of image \(image)")
            }
            try workspace.charge(size[0] + size[1])
            let rows = cells(from: edges[1], to: edges[3], count: size[0], size: x.shape[2])
            let columns = cells(from: edges[0], to: edges[2], count: size[1], size: x.shape[3])
            let work = saturatingMultiply(
                rows.reduce(0) { $0 + $1.count }, columns.reduce(0) { $0 + $1.count })
            try workspace.charge(saturatingMultiply(work, x.shape[1]))
            for channel in 0..<x.shape[1] {
                let plane = (Int(image) * x.shape[1] + channel) * x.shape[2]
                for row in rows {
                    for column in columns {
                        let largest = row.reduce(-Double.infinity) { largest, line in
                            column.reduce(largest) { max($0, values[(plane + line) * x.shape[3] + $1]) }
                        }
                        target[place] = row.isEmpty || column.isEmpty ? 0 : largest
                        place += 1
                    }
                }
            }
        }
        return [try cast(result, to: x.elementType)]
    }

    /// The places under each of `count` cells of a region, kept inside an axis of `size`.
    private func cells(from start: Double, to end: Double, count: Int, size: Int) -> [Range<Int>] {
        let step = max(end - start + 1, 1) / Double(count)
        return (0..<count).map { cell in
            let low = Int(start + (Double(cell) * step).rounded(.down))
            let high = Int(start + (Double(cell + 1) * step).rounded(.up))
            let first = min(max(low, 0), size)
            return first..<max(first, min(max(high, 0), size))
        }
    }
}
