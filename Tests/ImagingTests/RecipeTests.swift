import Imaging
import Testing

private func image(_ width: Int, _ height: Int, _ sample: (Int, Int, Int) -> UInt8) throws -> PixelImage {
    let rgb = (0..<height).flatMap { y in (0..<width).flatMap { x in (0..<3).map { sample(x, y, $0) } } }
    return try #require(PixelImage(width: width, height: height, rgb: rgb))
}

/// A recipe that gives the samples as they are.
private func plain(_ width: Int, _ height: Int, _ change: (inout ImageRecipe) -> Void = { _ in })
    -> ImageRecipe
{
    var recipe = ImageRecipe(width: width, height: height)
    recipe.scale = 1
    recipe.layout = .nhwc
    change(&recipe)
    return recipe
}

@Suite struct ResizeTests {
    /// Pillow 13 shrinks columns first where that is cheaper, and so rounds in another order: one level
    /// apart.
    static let sizes = [
        (32, 32, 0), (10, 90, 0), (122, 94, 0), (61, 20, 0), (17, 47, 0), (1, 1, 0), (3, 2, 0), (60, 46, 0),
        (100, 5, 1),
    ]

    @Test(arguments: sizes) func `a picture is resized as Pillow resizes it`(
        width: Int, height: Int, tolerance: Int
    ) throws {
        let scene = try decodeImage(Fixture.bytes("scene.png"))
        let resized = try plain(width, height).apply(scene)
        let expected = try Fixture.expected("resize_\(width)x\(height)")
        let image = try #require(PixelImage(width: width, height: height, rgb: resized.map { UInt8($0) }))
        #expect(try #require(distance(image, expected)) <= tolerance)
    }

    @Test func `a picture of the wanted size is left as it is`() throws {
        let scene = try decodeImage(Fixture.bytes("scene.png"))
        #expect(try scene == Fixture.expected("scene"))
        #expect(try plain(61, 47).apply(scene).map { UInt8($0) } == scene.rgb)
    }

    @Test func `the shorter side is resized with the proportions kept, then the centre cropped`() throws {
        let scene = try decodeImage(Fixture.bytes("scene.png"))
        // 61 x 47 doubled is 122 x 94.
        let whole = try Fixture.expected("resize_122x94")
        let cropped = try plain(50, 40) { $0.resize = .shorterSide(94) }.apply(scene)
        let expected = (0..<40).flatMap { y in
            (0..<50).flatMap { x in (0..<3).map { Float(whole.rgb[3 * ((y + 27) * 122 + x + 36) + $0]) } }
        }
        #expect(cropped == expected)
    }

    @Test func `a strip of a hundred thousand pixels resizes like any picture`() throws {
        let strip = try image(100_000, 1) { x, _, _ in UInt8(truncatingIfNeeded: x / 400) }
        let square = try plain(4, 4) { $0.resize = .shorterSide(4) }.apply(strip)
        #expect(square.count == 48)
        #expect(square.allSatisfy { abs($0 - 125) <= 1 })
        let tall = try image(1, 100_000) { _, y, _ in y < 50_000 ? 0 : 200 }
        // A triangle that reaches over the middle: a seventh of the weight is on the other half.
        #expect(try plain(1, 2).apply(tall) == [29, 29, 29, 171, 171, 171])
    }
}

@Suite struct CropTests {
    @Test func `the centre is cropped, half a pixel rounded to even`() throws {
        let picture = try image(5, 4) { x, y, _ in UInt8(10 * y + x) }
        let recipe = plain(2, 1) { change in
            change.resize = .none
            change.centerCrop = true
        }
        // Left (5 - 2) / 2 = 1.5 is 2, top (4 - 1) / 2 = 1.5 is 2.
        #expect(try recipe.apply(picture) == [22, 22, 22, 23, 23, 23])
    }

    @Test func `without resizing a picture of another size is refused`() throws {
        let picture = try image(5, 4) { _, _, _ in 0 }
        let error = ImageError.wrongSize(width: 5, height: 4, expectedWidth: 4, expectedHeight: 4)
        #expect(throws: error) { try plain(4, 4) { $0.resize = .none }.apply(picture) }
        #expect(throws: ImageError.wrongSize(width: 5, height: 4, expectedWidth: 6, expectedHeight: 4)) {
            try plain(6, 4) { change in
                change.resize = .none
                change.centerCrop = true
            }.apply(picture)
        }
    }

    @Test func `a shorter side that leaves the other one too short is refused`() throws {
        let picture = try image(10, 10) { _, _, _ in 0 }
        #expect(throws: ImageError.wrongSize(width: 5, height: 5, expectedWidth: 8, expectedHeight: 5)) {
            try plain(8, 5) { $0.resize = .shorterSide(5) }.apply(picture)
        }
    }
}

@Suite struct NormalisingTests {
    @Test func `samples are scaled, centred and divided by channel`() throws {
        let picture = try image(1, 1) { _, _, channel in UInt8([51, 102, 255][channel]) }
        var recipe = ImageRecipe(width: 1, height: 1)
        recipe.mean = [0.1, 0.2, 0.5]
        recipe.std = [0.5, 0.25, 2]
        #expect(try recipe.apply(picture) == [0.2, 0.8, 0.25])
        recipe.channels = .bgr
        recipe.mean = [0.5, 0.2, 0.1]
        recipe.std = [2, 0.25, 0.5]
        #expect(try recipe.apply(picture) == [0.25, 0.8, 0.2])
    }

    @Test func `planes come one after another in NCHW, pixels in NHWC`() throws {
        let picture = try image(2, 2) { x, y, channel in UInt8(100 * channel + 10 * y + x) }
        #expect(
            try plain(2, 2) { $0.layout = .nchw }.apply(picture) == [
                0, 1, 10, 11, 100, 101, 110, 111, 200, 201, 210, 211,
            ])
        #expect(try plain(2, 2).apply(picture) == [0, 100, 200, 1, 101, 201, 10, 110, 210, 11, 111, 211])
        #expect(
            try plain(2, 1) {
                $0.channels = .bgr
                $0.resize = .none
                $0.centerCrop = true
            }.apply(picture) == [200, 100, 0, 201, 101, 1])
    }

    @Test func `gray is Pillow's luma`() throws {
        let picture = try image(2, 1) { x, _, channel in
            UInt8(x == 0 ? [255, 255, 255][channel] : [200, 30, 90][channel])
        }
        let recipe = plain(2, 1) { $0.channels = .gray }
        #expect(try recipe.apply(picture) == [255, 88])
        #expect(recipe.shape == [1, 1, 2, 1])
        #expect(ImageRecipe(width: 4, height: 3).shape == [1, 3, 3, 4])
    }
}

@Suite struct RecipeCheckTests {
    static let wrong: [(field: String, change: @Sendable (inout ImageRecipe) -> Void)] = [
        ("width", { $0.width = 0 }), ("width", { $0.width = 8193 }), ("height", { $0.height = -1 }),
        ("height", { ($0.width, $0.height) = (8192, 8192) }), ("resizeTo", { $0.resize = .shorterSide(0) }),
        ("resizeTo", { $0.resize = .shorterSide(31) }), ("resizeTo", { $0.resize = .shorterSide(.max) }),
        ("scale", { $0.scale = 0 }), ("scale", { $0.scale = .nan }), ("mean", { $0.mean = [] }),
        ("mean", { $0.mean = [1, 2] }), ("mean", { $0.mean = [0, .infinity, 0] }),
        ("std", { $0.std = [1, 0, 1] }),
        ("std", { $0.std = [1, 1, 1, 1] }),
        (
            "std",
            {
                $0.channels = .gray; $0.std = [1, 1, 1]
            }
        ),
    ]

    @Test(arguments: wrong.indices) func `a recipe that cannot work is refused by its field`(index: Int)
        throws
    {
        var recipe = ImageRecipe(width: 32, height: 32)
        Self.wrong[index].change(&recipe)
        let error = #expect(throws: ImageError.self) { try ImagePipeline(recipe) }
        guard case .recipe(let field, let reason) = try #require(error) else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(field == Self.wrong[index].field)
        #expect(!reason.isEmpty)
    }
}
