/// How a picture becomes a network's input, as declared once in `model.yaml`.
///
///     picture -> resize -> centre crop -> channels -> value * scale -> (value - mean) / std -> layout
package struct ImageRecipe: Sendable, Hashable {
    /// How the picture is brought near the wanted size (antialiased bilinear, as Pillow's `Image.resize`).
    package enum Resize: Sendable, Hashable {
        /// To the wanted width and height, whatever the proportions.
        case stretch
        /// The shorter side to this many pixels, proportions kept; the centre is then cropped.
        case shorterSide(Int)
        /// Not at all: the picture must have the wanted size, or be larger when `centerCrop` is set.
        case none
    }

    /// Which samples of a pixel, in which order.
    package enum Channels: String, Sendable, Hashable, CaseIterable {
        case rgb, bgr, gray

        /// Samples of a pixel.
        package var count: Int { self == .gray ? 1 : 3 }
    }

    /// The order of the axes; one picture, so N is 1.
    package enum Layout: String, Sendable, Hashable, CaseIterable {
        case nchw, nhwc
    }

    /// Width of the network's input, in pixels.
    package var width: Int
    /// Height of the network's input, in pixels.
    package var height: Int
    /// How the picture is brought near that size.
    package var resize: Resize
    /// Whether the centre is cut out when the resized picture is larger than wanted.
    package var centerCrop: Bool
    /// Which samples, in which order.
    package var channels: Channels
    /// The order of the axes.
    package var layout: Layout
    /// Multiplies a sample of 0 to 255.
    package var scale: Double
    /// Subtracted after scaling: one for each channel in the order of `channels`, or one for all.
    package var mean: [Double]
    /// Divides last: one for each channel in the order of `channels`, or one for all.
    package var std: [Double]

    /// Stretched to `width` x `height`, RGB, NCHW, 0 to 1; change the properties for anything else.
    package init(width: Int, height: Int) {
        self.width = width
        self.height = height
        resize = .stretch
        centerCrop = false
        channels = .rgb
        layout = .nchw
        scale = 1 / 255
        mean = [0]
        std = [1]
    }

    /// The shape of what `apply` gives: `[1, C, H, W]` or `[1, H, W, C]`.
    package var shape: [Int] {
        switch layout {
        case .nchw: [1, channels.count, height, width]
        case .nhwc: [1, height, width, channels.count]
        }
    }

    /// Runs the recipe on one picture. `ImagePipeline` does the same with the checks and tables made once.
    package func apply(_ image: PixelImage) throws(ImageError) -> [Float] {
        try ImagePipeline(self).tensor(from: image)
    }
}
