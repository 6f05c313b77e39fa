import Foundation
import Imaging
import Testing

/// A picture of `Fixtures/`, drawn by `Fixtures/make.py`, and what it must decode to.
enum Fixture {
    static func bytes(_ name: String) throws -> [UInt8] {
        let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Fixtures")
        return [UInt8](try Data(contentsOf: folder.appending(path: name)))
    }

    /// A `.rgb` file: width and height in 16 bits each, then the samples.
    static func expected(_ name: String) throws -> PixelImage {
        let bytes = try bytes("\(name).rgb")
        let (width, height) = (Int(bytes[0]) | Int(bytes[1]) << 8, Int(bytes[2]) | Int(bytes[3]) << 8)
        return try #require(PixelImage(width: width, height: height, rgb: Array(bytes.dropFirst(4))))
    }

    static let jpegs =
        ["444", "422", "420", "progressive", "restarts", "gray", "cmyk", "cifar"].map { "jpeg_\($0)" }
        + (1...8).map { "jpeg_orientation\($0)" }

    static let pngs: [String] = {
        let types = [(0, [1, 2, 4, 8, 16]), (2, [8, 16]), (3, [1, 2, 4, 8]), (4, [8, 16]), (6, [8, 16])]
        return types.flatMap { type, depths in
            depths.flatMap { depth in
                (type < 4 ? ["", "_trns"] : [""]).flatMap { transparency in
                    ["", "_interlaced"].map { "png_type\(type)_depth\(depth)\(transparency)\($0)" }
                }
            }
        }
    }()
}

/// The largest difference of two pictures' samples; nil when their sizes differ.
func distance(_ one: PixelImage, _ other: PixelImage) -> Int? {
    guard one.width == other.width, one.height == other.height else { return nil }
    return zip(one.rgb, other.rgb).map { abs(Int($0) - Int($1)) }.max()
}

/// What decoding throws; nil when it succeeds.
func fault(_ bytes: [UInt8], _ limits: ImageLimits = .init()) -> ImageError? {
    do {
        _ = try decodeImage(bytes, limits: limits)
        return nil
    } catch {
        return error
    }
}
