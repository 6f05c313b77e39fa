import Tensors
import Testing

@testable import ONNX

@Test(arguments: [
    (65_536, 65_536), (65_537, 69_632), (4_194_303, 4_194_304), (4_194_304, 4_194_304),
    // 64 bytes past two huge pages are no reason for a third; most of a fifth is one for the whole of it.
    (4_194_368, 4_198_400), (9_437_248, 10_485_760), (37_748_800, 39_845_888),
])
func `A mapped block ends with a page, or with a huge page of which little is wasted`(wanted: Int, bytes: Int)
{
    #expect(FloatBlock.mappedBytes(wanted) == bytes)
}

@Test(arguments: [1, 16, 16_383, 16_384, 100_000, 1_048_576, 1_048_592, 2_359_312])
func `A block holds its floats, aligned to a vector`(floats: Int) throws {
    let block = try #require(FloatBlock(floats: floats))
    defer { block.release() }
    #expect(UInt(bitPattern: block.pointer) % 64 == 0)
    for place in [0, floats / 2, floats - 1] { block.pointer[place] = Float(place) }
    for place in [0, floats / 2, floats - 1] { #expect(block.pointer[place] == Float(place)) }
}

@Test func `A tensor in an arena holds no more floats than the arena, and keeps it`() throws {
    var arena = ArenaPool.Arena(floats: 64)
    #expect(arena?.tensor(Shape([65])) == nil)
    weak let watched = arena
    let tensor = try #require(arena?.tensor(Shape([4, 16])))
    arena = nil
    #expect(watched != nil)
    tensor.mutableElements(as: Float.self).copy([Float](repeating: 3, count: 64))
    #expect(tensor.floats() == [Float](repeating: 3, count: 64))
}

@Test func `Memory that finished runs left is given back, between the halves of a batch too`() throws {
    var sketch = GraphSketch()
    var y = try sketch.convolution(sketch.input(), 3, 16)
    y = try sketch.convolution(y, 16, 16)
    sketch.graph.outputs = [y]
    let pool = TensorPool(bytesMax: 1 << 30)
    let plans = try #require(
        FastPlans(sketch.graph, isBatchable: true, pool: pool, operationsMax: 1 << 40))
    let input = try sketch.tensor([4, 3, 8, 8])
    let whole = try #require(try plans.run([input]))[0].floats()
    let cut = try #require(FastPlans.cuts(plans.graph).first)
    let split = BatchSplit(parts: [2, 1, 1], cut: cut, backParts: [1, 3])
    for _ in 0..<2 {
        let parts = try #require(try plans.run(split, [input], lease: 0))[0].floats()
        #expect(zip(parts, whole).allSatisfy { abs($0 - $1) < 1e-4 })
    }
    #expect(plans.arenaBytes >= 4 * 16 * 8 * 8 * 4)
    plans.releaseIdleMemory()
    #expect(plans.arenaBytes == 0)
}
