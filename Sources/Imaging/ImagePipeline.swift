import CImaging

/// A checked recipe, ready to run; make it once for a version.
package struct ImagePipeline: Sendable {
    /// What was checked.
    package let recipe: ImageRecipe
    /// What each sample value becomes: 256 floats for each channel, in the recipe's order.
    private let tables: [Float]

    /// Checks the recipe and makes its tables.
    ///
    /// - Throws: `ImageError.recipe` naming the field that is wrong.
    package init(_ recipe: ImageRecipe) throws(ImageError) {
        try recipe.check()
        self.recipe = recipe
        tables = (0..<recipe.channels.count).flatMap { channel in
            let mean = recipe.mean[recipe.mean.count == 1 ? 0 : channel]
            let std = recipe.std[recipe.std.count == 1 ? 0 : channel]
            return (0..<256).map { Float((Double($0) * recipe.scale - mean) / std) }
        }
    }

    /// The network's input for a picture: `recipe.shape`, row-major.
    ///
    /// - Throws: `ImageError.wrongSize` when the recipe does not resize and the picture does not fit.
    package func tensor(from image: PixelImage) throws(ImageError) -> [Float] {
        let resampling = try recipe.resampling(of: image)
        if resampling.scaledWidth == image.width && resampling.scaledHeight == image.height {
            let start = resampling.rows.lowerBound * image.width + resampling.columns.lowerBound
            return normalised(image.rgb, start: start, pitch: image.width)
        }
        return normalised(image.resampled(resampling), start: 0, pitch: recipe.width)
    }

    /// Decodes and runs the recipe in one go.
    package func tensor(
        decoding bytes: [UInt8], limits: ImageLimits = .init()
    ) throws(ImageError) -> [Float] {
        try tensor(from: decodeImage(bytes, limits: limits))
    }

    /// The recipe's rows of the samples, looked up; `start` and `pitch` (the distance of two rows) count
    /// pixels.
    private func normalised(_ rgb: [UInt8], start: Int, pitch: Int) -> [Float] {
        let (width, height, channels) = (recipe.width, recipe.height, recipe.channels.count)
        let isPlanar = recipe.layout == .nchw
        let (plane, step) = isPlanar ? (width * height, 1) : (1, channels)
        let order: [UInt8] = recipe.channels == .bgr ? [2, 1, 0] : [0, 1, 2]
        let window = augur_window(start: start, pitch: pitch, width: width, height: height)
        var floats = [Float](repeating: 0, count: width * height * channels)
        // SAFETY: the window lies in the picture (`resampling` checked), and there is a float for each
        // sample.
        if channels == 1 {
            augur_normalise_gray(rgb, window, tables, &floats)
        } else {
            augur_normalise(rgb, window, tables, order, plane, step, &floats)
        }
        return floats
    }
}

extension ImageRecipe {
    private static let sideCeiling = 8192
    private static let pixelsCeiling = 16 << 20

    /// Refuses what cannot work: sizes out of bounds, a crop larger than the picture, factors that are not
    /// numbers.
    fileprivate func check() throws(ImageError) {
        for (field, side) in [("width", width), ("height", height)]
        where !(1...Self.sideCeiling).contains(side) {
            throw .recipe(field: field, reason: "\(side) is not between 1 and \(Self.sideCeiling)")
        }
        guard width * height <= Self.pixelsCeiling else {
            throw .recipe(
                field: "height", reason: "\(width) x \(height) is more than \(Self.pixelsCeiling) pixels")
        }
        if case .shorterSide(let side) = resize, !(min(width, height)...Self.sideCeiling).contains(side) {
            let reason = "\(side) is not between \(min(width, height)) and \(Self.sideCeiling)"
            throw .recipe(field: "resizeTo", reason: reason)
        }
        guard scale.isFinite, scale != 0 else {
            throw .recipe(field: "scale", reason: "\(scale) is not a factor")
        }
        try check(mean, field: "mean") { $0.isFinite }
        try check(std, field: "std") { $0.isFinite && $0 != 0 }
    }

    private func check(
        _ values: [Double], field: String, _ isRight: (Double) -> Bool
    ) throws(ImageError) {
        guard values.count == 1 || values.count == channels.count else {
            let wanted = channels.count == 1 ? "1 value is" : "1 or \(channels.count) values are"
            throw .recipe(field: field, reason: "\(wanted) wanted, there are \(values.count)")
        }
        for value in values where !isRight(value) {
            throw .recipe(field: field, reason: "\(value) is not allowed")
        }
    }

    /// Which part of which scaled size of a picture the network sees.
    fileprivate func resampling(of image: PixelImage) throws(ImageError) -> Resampling {
        let (scaledWidth, scaledHeight): (Int, Int)
        switch resize {
        case .stretch: (scaledWidth, scaledHeight) = (width, height)
        case .shorterSide(let side): (scaledWidth, scaledHeight) = image.size(shorterSide: side)
        case .none: (scaledWidth, scaledHeight) = (image.width, image.height)
        }
        let mayCrop = centerCrop || resize != .none
        let fits =
            mayCrop
            ? scaledWidth >= width && scaledHeight >= height : scaledWidth == width && scaledHeight == height
        guard fits else {
            throw .wrongSize(
                width: scaledWidth, height: scaledHeight, expectedWidth: width, expectedHeight: height)
        }
        let left = Self.margin(scaledWidth, width)
        let top = Self.margin(scaledHeight, height)
        return Resampling(
            scaledWidth: scaledWidth, scaledHeight: scaledHeight, columns: left..<left + width,
            rows: top..<top + height)
    }

    /// What is cropped before the centre; half a pixel is rounded to even (as torchvision's CenterCrop).
    private static func margin(_ size: Int, _ wanted: Int) -> Int {
        Int((Double(size - wanted) / 2).rounded(.toNearestOrEven))
    }
}

extension PixelImage {
    /// The size with the shorter side as given and the proportions kept, the longer side rounded down.
    fileprivate func size(shorterSide: Int) -> (width: Int, height: Int) {
        width <= height
            ? (shorterSide, shorterSide * height / width) : (shorterSide * width / height, shorterSide)
    }
}
