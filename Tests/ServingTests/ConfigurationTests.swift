import Imaging
import Testing

@testable import Serving

@Suite struct ConfigurationTests {
    private func parsed(_ text: String) throws(ConfigurationFault) -> ModelConfiguration {
        try ModelConfiguration(yaml: Array(text.utf8))
    }

    @Test func `Everything that a model.yaml can say is read`() throws {
        let configuration = try parsed(
            """
            # comment
            labels: [airplane, "no", 3]
            image:
              width: 24
              height: 32
              resize: shorterSide
              resizeTo: 36
              crop: center
              channels: bgr
              layout: nhwc
              scale: 1
              mean: [0.5, 1, 2]
              std: [1, 2, 3]
            output: logits
            batching: {sizeMax: 16, depthMax: 9, delayMaxMs: 1.5, run: threads}
            golden: {input: [1, 2], output: [3.5], tolerance: 0.5}
            """)
        #expect(configuration.labels == ["airplane", "no", "3"])
        var recipe = ImageRecipe(width: 24, height: 32)
        recipe.resize = .shorterSide(36)
        recipe.centerCrop = true
        recipe.channels = .bgr
        recipe.layout = .nhwc
        recipe.scale = 1
        recipe.mean = [0.5, 1, 2]
        recipe.std = [1, 2, 3]
        #expect(configuration.image == recipe)
        #expect(configuration.output == .logits && configuration.run == .threads)
        #expect(configuration.sizeMax == 16 && configuration.depthMax == 9)
        #expect(configuration.delayMax == 1_500_000)
        #expect(configuration.golden?.tolerance == 0.5)
    }

    @Test(arguments: ["", "# nothing\n", "labels:\n", "---\n"])
    func `An empty file, or an empty key, says nothing`(_ text: String) throws {
        #expect(try parsed(text) == ModelConfiguration())
    }

    struct Wrong: Sendable, CustomTestStringConvertible {
        var testDescription: String { String(text.prefix(60)) }
        let text: String
        let line: Int
        let key: String
        let reason: String

        init(_ text: String, _ line: Int, _ key: String, _ reason: String) {
            self.text = text
            self.line = line
            self.key = key
            self.reason = reason
        }
    }

    static let wrong: [Wrong] = [
        Wrong("labels: [a]\nimgae: 3", 2, "imgae", "key here; did you mean `image`? Keys: "),
        Wrong("xyzzy: 3", 1, "xyzzy", "is not a key here. Keys: labels, image, output, batching, golden"),
        Wrong("image:\n  width: 3\n  heigth: 3", 3, "image.heigth", "did you mean `height`?"),
        Wrong("image:\n  width: 3", 1, "image.height", "missing"),
        Wrong("image:\n  width: 0\n  height: 3", 2, "image.width", "from 1 to 4096"),
        Wrong("image: {width: 3, height: 3, resize: strech}", 1, "image.resize", "did you mean `stretch`?"),
        Wrong("image: {width: 3, height: 3, std: [1, 0, 1]}", 1, "image.std", "other than 0"),
        Wrong("image: {width: 3, height: 3, mean: [1]}", 1, "image.mean", "each of 3 channels"),
        Wrong("image: {width: 3, height: 3, resizeTo: 5}", 1, "image.resizeTo", "shorterSide"),
        Wrong("image: 3", 1, "image", "`key: value`"),
        Wrong("labels: 3", 1, "labels", "must be a list"),
        Wrong("labels: [a, [b]]", 1, "labels", "must be a list of words"),
        Wrong("labels: [a, a]", 1, "labels", "once"),
        Wrong("labels: [a]\nlabels: [b]", 1, "labels", "more than once"),
        Wrong("output: probability", 1, "output", "did you mean `probabilities`?"),
        Wrong("batching:\n  sizeMax: many", 2, "batching.sizeMax", "whole number"),
        Wrong("batching:\n  delayMaxMs: .inf", 2, "batching.delayMaxMs", "must be a number"),
        Wrong("batching:\n  delayMaxMs: 1e9", 2, "batching.delayMaxMs", "0 to 1000"),
        Wrong("golden: {input: [1]}", 1, "golden.output", "missing"),
        Wrong("labels: [a\n", 2, "", "did not find expected"),
        Wrong("a: &x [1]\nlabels: *x", 2, "", "aliases"),
        Wrong("- a", 1, "", "`key: value`"),
        Wrong(String(repeating: "[", count: 100_000), 1, "", "nesting"),
    ]

    @Test(arguments: wrong)
    func `What is wrong is refused with its line and what was expected`(_ wrong: Wrong) {
        do {
            _ = try parsed(wrong.text)
            Issue.record("accepted: \(wrong.text)")
        } catch {
            #expect(
                error.key == wrong.key && error.line == wrong.line, "\(error) in \(wrong.text.prefix(60))")
            #expect(error.reason.contains(wrong.reason), "\(error)")
        }
    }

    @Test func `A file that is not UTF-8 or too large is refused`() {
        #expect(throws: ConfigurationFault.self) { try ModelConfiguration(yaml: [0xFF, 0xFE, 0x80]) }
        #expect(throws: ConfigurationFault.self) {
            try ModelConfiguration(yaml: [UInt8](repeating: UInt8(ascii: "#"), count: 2 << 20))
        }
    }
}
