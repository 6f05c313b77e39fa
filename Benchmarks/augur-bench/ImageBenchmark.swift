import Foundation
import Imaging

/// Pictures to a network's input. Needs the fixtures of `ImagingTests` and the sample pictures of the
/// package.
func benchmarkImage() {
    let small = "Tests/ImagingTests/Fixtures/jpeg_cifar.jpg"
    measure(small, ImageRecipe(width: 32, height: 32))
    for name in CommandLine.arguments.dropFirst(2) {
        measure(name, ImageRecipe(width: 32, height: 32))
        var recipe = ImageRecipe(width: 224, height: 224)
        recipe.resize = .shorterSide(256)
        measure(name, recipe)
    }
}

private func measure(_ path: String, _ recipe: ImageRecipe) {
    guard let bytes = FileManager.default.contents(atPath: path).map({ [UInt8]($0) }) else {
        return print("\(path): not found; run from the package's folder")
    }
    do {
        let pipeline = try ImagePipeline(recipe)
        let image = try decodeImage(bytes)
        let whole = medianNanoseconds { keep(try? pipeline.tensor(decoding: bytes)) }
        let rest = medianNanoseconds { keep(try? pipeline.tensor(from: image)) }
        let sizes = "\(image.width) x \(image.height) to \(recipe.width) x \(recipe.height)"
        let times = "\(microseconds(whole)) us, \(microseconds(rest)) us of it after decoding"
        print("\(path), \(bytes.count) bytes, \(sizes): \(times)")
    } catch {
        print("\(path): \(error)")
    }
}
