import CKernels
import Testing

@testable import ONNX

private func shape(_ inputs: Int32, _ outputs: Int32, _ side: Int32, batch: Int32 = 1) -> ck_shape {
    ck_shape(
        batch: batch, in_channels: inputs, out_channels: outputs, groups: 1, in_height: side, in_width: side,
        out_height: side, out_width: side, kernel_height: 3, kernel_width: 3, stride_height: 1,
        stride_width: 1, dilation_height: 1, dilation_width: 1, pad_top: 1, pad_left: 1)
}

private func model(threads: Int, fromCache: Double = 20) -> CostModel {
    CostModel(
        isa: CK_ISA_AVX512, threads: threads, weightBytes: 10 << 20,
        memory: MemoryRates(
            fromCache: fromCache, fromMemory: fromCache / 2, nearBytes: 700 << 10, residentBytes: 16 << 20))
}

@Test(arguments: [Int32(2), 42, 4], [1, 2, 3, 8, 64])
func `Threads share a Winograd step in blocks no larger than its own, and parts that hold outputs`(
    side: Int32, threads: Int
) throws {
    for (inputs, outputs, size) in [(16, 16, 32), (64, 256, 15), (256, 256, 7), (512, 512, 4), (3, 40, 112)]
        as [(Int32, Int32, Int32)]
    {
        for batch in [Int32(1), 5] {
            var shape = shape(inputs, outputs, size, batch: batch)
            let block = ck_winograd_block(&shape, side, 0)
            guard let cut = model(threads: threads).sharing(shape, side: side, block: block) else { continue }
            #expect(threads > 1)
            #expect(cut.block >= 1 && cut.block <= block)
            #expect(cut.parts >= 1 && cut.parts <= (Int(outputs) + 31) / 32)
            let items = ck_winograd_items(&shape, side, cut.block, cut.parts)
            #expect(items > ck_winograd_items(&shape, side, block, 1))
        }
    }
}

@Test func `A few tiles of many weights are shared by output channels, so that each thread reads its own`()
    throws
{
    let cut = try #require(model(threads: 2).sharing(shape(256, 256, 14), side: 4, block: 16))
    #expect(cut.parts >= 2)
}

@Test func `The further away the weights are, the fewer of them the form has that is chosen`() {
    let layer = shape(512, 512, 7, batch: 2)
    let near = FormChoice([layer], model(threads: 1, fromCache: 200)).forms[layer.key]
    let far = FormChoice([layer], model(threads: 1, fromCache: 1)).forms[layer.key]
    #expect(near != nil && near != .direct)
    #expect(far == .direct)
}

@Test func `The rates measured here are those of a machine`() {
    let rates = MemoryRates.measured
    #expect(rates.fromCache >= 2 && rates.fromCache <= 64)
    #expect(rates.fromMemory == rates.fromCache / 2)
    #expect(rates.nearBytes < rates.residentBytes)
}

@Test(arguments: [
    (Int?.some(0), [ConvolutionForm.direct, .direct]), (9, [.direct, .winograd2]),
    (40, [.winograd4, .winograd2]), (90, [.winograd4, .winograd4]), (nil, [.winograd4, .winograd4]),
])
func `Room for weights goes to the forms that gain most for a byte`(
    room: Int?, expected: [ConvolutionForm]
) {
    let options = [
        [
            FormOption(form: .direct, cost: 100, bytes: 10),
            FormOption(form: .winograd2, cost: 95, bytes: 15),
            FormOption(form: .winograd4, cost: 50, bytes: 40),
        ],
        [
            FormOption(form: .direct, cost: 100, bytes: 10),
            FormOption(form: .winograd2, cost: 60, bytes: 19),
            FormOption(form: .winograd4, cost: 40, bytes: 60),
        ],
    ]
    #expect(WeightBudget(room: room, gainLeast: 0.9).choose(options).map { $0?.form } == expected)
}

@Test func `Where the file's weights stay in the cache, those of all forms that are chosen do`() throws {
    let layers = (0..<16).map { shape(128, 128, 7 + $0 % 8) }
    let costs = model(threads: 1, fromCache: 4)
    let room = try #require(costs.weightRoom)
    func extra(_ forms: [[Int32]: ConvolutionForm]) -> Int {
        layers.reduce(0) { sum, layer in
            sum + (forms[layer.key] ?? .direct).weightBytes(layer)
                - ConvolutionForm.direct.weightBytes(layer)
        }
    }
    let near = FormChoice(layers, costs)
    #expect(extra(near.forms) > 0 && extra(near.forms) <= room)
    // Read once for many images, they may come from memory.
    let many = FormChoice(layers.map { layer in shape(128, 128, layer.in_height, batch: 16) }, costs)
    let forms = Dictionary(
        uniqueKeysWithValues: Set(layers.map(\.key)).map { key in
            (key, many.forms[Array(key.dropLast()) + [16]] ?? .direct)
        })
    #expect(extra(forms) > room)
    #expect(many.total < 16 * near.total)
}

@Test func `A form that the estimates think slow is planned where the weights of others find no room`() {
    let layer = shape(128, 128, 28, batch: 8)
    let costs = model(threads: 1, fromCache: 200)
    #expect(!costs.hopeful(layer).contains(.direct))
    #expect(costs.algorithm(layer, nil, usual: .direct) == .direct)
    #expect(costs.algorithm(layer, .direct, usual: .winograd4).form == .winograd4)
}
