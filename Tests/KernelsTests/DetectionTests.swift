import Kernels
import Tensors
import Testing

/// Three unit squares: the second moved by a tenth, the third far off.
private let squares: [Float] = [0, 0, 1, 1, 0, 0.1, 1, 1.1, 0, 10, 1, 11]

private func suppress(
    _ boxes: [Float], _ scores: [Float], most: Int64 = 10, overlap: Float = 0.5, score: Float? = nil,
    isCentred: Bool = false
) throws -> [Int64] {
    let rows = try evaluate(
        "NonMaxSuppression",
        [
            floats([1, boxes.count / 4, 4], boxes), floats([1, 1, scores.count], scores), integers([most]),
            floats([1], [overlap]), try score.map { try floats([1], [$0]) },
        ], ["center_point_box": .integer(isCentred ? 1 : 0)])[0]
    #expect(rows.shape.dims == [rows.count / 3, 3])
    let numbers = rows.converted(to: Int64.self)
    return stride(from: 2, to: numbers.count, by: 3).map { numbers[$0] }
}

@Test func `The better of two overlapping boxes is kept, best first`() throws {
    // The first two share 0.9 of 1.1.
    #expect(try suppress(squares, [0.5, 0.9, 0.7]) == [1, 2])
    #expect(try suppress(squares, [0.5, 0.9, 0.7], overlap: 0.9) == [1, 2, 0])
    #expect(try suppress(squares, [0.5, 0.9, 0.7], most: 1) == [1])
    #expect(try suppress(squares, [0.5, 0.9, 0.7], score: 0.8) == [1])
}

@Test func `Boxes by their centres are suppressed as those by their corners`() throws {
    let centred: [Float] = [0.5, 0.5, 1, 1, 0.6, 0.5, 1, 1, 10.5, 0.5, 1, 1]
    #expect(try suppress(centred, [0.5, 0.9, 0.7], isCentred: true) == [1, 2])
}

@Test func `Corners may come in either order and equal scores keep the lower place`() throws {
    let turned: [Float] = [1, 1, 0, 0, 0, 0.1, 1, 1.1, 1, 11, 0, 10]
    #expect(try suppress(turned, [0.5, 0.5, 0.5]) == [0, 2])
}

@Test(
    arguments: [
        ([Float.nan, 0.5, 0.4], [1, 2]), ([.infinity, 0.5, 0.4], [0, 2]), ([.nan, .nan, .nan], []),
    ] as [([Float], [Int64])])
func `A score that is not a number ranks nowhere`(scores: [Float], expected: [Int64]) throws {
    #expect(try suppress(squares, scores) == expected)
}

@Test func `Boxes without area or of NaN suppress nothing`() throws {
    let odd: [Float] = [0, 0, 0, 0, 0, 0, 1, 1, .nan, 0, 1, 1, -3e38, -3e38, 3e38, 3e38]
    #expect(try suppress(odd, [0.9, 0.8, 0.7, 0.6]).count == 4)
}

@Test(arguments: [Int64(0), -5]) func `A limit below one keeps no box`(most: Int64) throws {
    #expect(try suppress(squares, [0.5, 0.9, 0.7], most: most).isEmpty)
}

private func align(_ region: [Float], _ attributes: [String: AttributeValue], image: Int64 = 0) throws
    -> Tensor
{
    // A slope: the value of a place is its column plus ten times its row.
    let slope = (0..<16).map { Float($0 % 4 + 10 * ($0 / 4)) }
    let sizes: [String: AttributeValue] = ["output_height": .integer(2), "output_width": .integer(2)]
    return try evaluate(
        "RoiAlign", [floats([1, 1, 4, 4], slope), floats([1, 4], region), integers([image])],
        sizes.merging(attributes) { $1 })[0]
}

@Test func `A region on a slope gives the slope at the middle of each cell`() throws {
    // Cells of the region (0.5 ... 2.5)^2 lie about 1 and 2, half a place less where pixels are shifted.
    let plain = try align(
        [0.5, 0.5, 2.5, 2.5], ["coordinate_transformation_mode": .text("output_half_pixel")])
    #expect(plain.floats() == [11, 12, 21, 22])
    let shifted = try align([1, 1, 3, 3], ["sampling_ratio": .integer(2)])
    #expect(shifted.floats() == [11, 12, 21, 22])
}

@Test(arguments: [
    [Float.nan, 0, 1, 1], [0, 0, .infinity, 1], [-1e30, 0, 1e30, 1], [0, 0, 1e18, 1e18],
])
func `A region of no finite size is refused before it is sampled`(region: [Float]) {
    #expect(throws: KernelError.self) { try align(region, [:]) }
}

@Test func `A region outside the picture is zero, one of negative size too`() throws {
    #expect(try align([50, 50, 60, 60], [:]).floats() == [0, 0, 0, 0])
    #expect(try align([3, 3, 1, 1], [:]).floats() == [0, 0, 0, 0])
}

@Test(arguments: [Int64(1), -1, .max]) func `A region of a picture that is not there is refused`(image: Int64)
{
    #expect(throws: KernelError.self) { try align([0, 0, 1, 1], [:], image: image) }
}

@Test func `A pooled region gives the largest element of each cell`() throws {
    let slope = try floats([1, 1, 4, 4], (0..<16).map { Float($0) })
    let attributes: [String: AttributeValue] = ["pooled_shape": .integers([2, 2])]
    let y = try evaluate("MaxRoiPool", [slope, floats([1, 5], [0, 0, 0, 3, 3])], attributes)[0]
    #expect(y.floats() == [5, 7, 13, 15])
    let outside = try evaluate("MaxRoiPool", [slope, floats([1, 5], [0, 8, 8, 9, 9])], attributes)[0]
    #expect(outside.floats() == [0, 0, 0, 0])
    for bad: [Float] in [[7, 0, 0, 3, 3], [0, .nan, 0, 3, 3], [0, 0, 0, 1e30, 3]] {
        #expect(throws: KernelError.self) {
            try evaluate("MaxRoiPool", [slope, floats([1, 5], bad)], attributes)
        }
    }
}
