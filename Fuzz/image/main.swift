import Fuzzing
import Glibc
import Imaging

private let limits = ImageLimits(bytesMax: 1 << 20, pixelsMax: 250_000, sideMax: 2000, scansMax: 8)

/// Our own drawings; the program runs in the package's folder.
private let seeds =
    [
        "png_type0_depth1", "png_type0_depth16_interlaced", "png_type2_depth8_trns",
        "png_type3_depth4_trns_interlaced",
        "png_type4_depth8", "png_type6_depth16_interlaced",
    ].map { "\($0).png" }
    + ["jpeg_420", "jpeg_progressive", "jpeg_gray", "jpeg_cmyk", "jpeg_restarts", "jpeg_orientation6"]
    .map { "\($0).jpg" }

private func contents(_ name: String) -> [UInt8] {
    guard let file = fopen("Tests/ImagingTests/Fixtures/\(name)", "rb") else { return [] }
    defer { fclose(file) }
    var bytes = [UInt8](repeating: 0, count: 1 << 16)
    let count = fread(&bytes, 1, bytes.count, file)
    return Array(bytes[..<count])
}

/// A recipe that the input's length chooses, so that each path is run.
private func recipe(_ number: Int) -> ImageRecipe {
    var recipe = ImageRecipe(width: 1 + number % 40, height: 1 + number % 23)
    recipe.resize = [.stretch, .shorterSide(40), .none][number % 3]
    recipe.centerCrop = number % 2 == 0
    recipe.channels = ImageRecipe.Channels.allCases[number % 3]
    recipe.layout = ImageRecipe.Layout.allCases[number % 2]
    return recipe
}

fuzz(seeds: seeds.map(contents), checkAsItIsAndMended)

/// A mutation almost always breaks a PNG's checksums, which would end the test there.
@Sendable private func checkAsItIsAndMended(_ bytes: [UInt8]) {
    check(bytes)
    if ImageFormat.sniff(bytes) == .png { check(mended(bytes)) }
}

/// A PNG with the right checksum after each chunk that is whole.
private func mended(_ bytes: [UInt8]) -> [UInt8] {
    var bytes = bytes
    var position = 8
    while position + 12 <= bytes.count {
        let length = bytes[position..<position + 4].reduce(0) { $0 << 8 | Int($1) }
        let checksum = position + 8 + length
        guard checksum + 4 <= bytes.count else { break }
        let right = crc32(bytes[position + 4..<checksum])
        for place in 0..<4 { bytes[checksum + place] = UInt8(truncatingIfNeeded: right >> (24 - 8 * place)) }
        position = checksum + 4
    }
    return bytes
}

private func crc32(_ bytes: ArraySlice<UInt8>) -> UInt32 {
    ~bytes.reduce(~UInt32(0)) { checksum, byte in
        (0..<8).reduce(checksum ^ UInt32(byte)) { value, _ in value >> 1 ^ (value & 1 == 1 ? 0xEDB8_8320 : 0)
        }
    }
}

private func check(_ bytes: [UInt8]) {
    do throws(ImageError) {
        let image = try decodeImage(bytes, limits: limits)
        guard image.width * image.height <= limits.pixelsMax,
            image.rgb.count == 3 * image.width * image.height
        else {
            fatalError("\(image.width) x \(image.height) is not what was asked")
        }
        let recipe = recipe(bytes.count)
        let floats = try recipe.apply(image)
        guard floats.count == recipe.shape.reduce(1, *) else { fatalError("\(floats.count) floats") }
    } catch {
        guard !error.description.isEmpty else { fatalError("an error without words") }
    }
}
