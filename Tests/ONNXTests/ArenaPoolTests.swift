import Testing

@testable import ONNX

@Test func `A pool keeps the largest arenas, and gives out the smallest that suffices`() throws {
    let pool = ArenaPool(idleMax: 2)
    let arenas = try [100, 400, 200].map { try #require(pool.take(floats: $0)) }
    for arena in arenas { pool.giveBack(arena) }
    #expect(pool.byteCount == (200 + 400) * 4)
    #expect(pool.take(floats: 150) === arenas[2])
    #expect(pool.take(floats: 150) === arenas[1])
    #expect(pool.byteCount == 0)
}

@Test func `An arena that is too small gives way to the new one`() throws {
    let pool = ArenaPool(idleMax: 2)
    for floats in [100, 200] { pool.giveBack(try #require(ArenaPool.Arena(floats: floats))) }
    #expect(pool.take(floats: 300)?.floats == 300)
    #expect(pool.byteCount == 200 * 4)
}
