import Imaging

extension ModelConfiguration {
    /// Reads the bytes of a `model.yaml`.
    /// - Throws: the first fault: an unknown key with the nearest valid one, a wrong type or range.
    package init(yaml bytes: [UInt8]) throws(ConfigurationFault) {
        self.init()
        let file = try ConfigurationSection(yaml: bytes)
        try file.check(keys: ["labels", "image", "output", "batching", "golden"])
        labels = try file.texts("labels", countMax: 100_000)
        if let labels, labels.isEmpty || Set(labels).count != labels.count {
            throw file.fault("labels", "must name each class once")
        }
        output = try file.choice("output", of: Output.self) ?? output
        image = try file.section("image").map { (section) throws(ConfigurationFault) in
            try ImageRecipe(section)
        }
        if let batching = try file.section("batching") { try read(batching: batching) }
        golden = try file.section("golden").map { (section) throws(ConfigurationFault) in try Golden(section)
        }
    }

    private mutating func read(batching: ConfigurationSection) throws(ConfigurationFault) {
        try batching.check(keys: ["sizeMax", "depthMax", "delayMaxMs", "run"])
        sizeMax = try batching.integer("sizeMax", in: 1...4096)
        depthMax = try batching.integer("depthMax", in: 1...1_000_000)
        if let milliseconds = try batching.number("delayMaxMs") {
            guard (0...1000).contains(milliseconds) else {
                throw batching.fault("delayMaxMs", "must be from 0 to 1000 milliseconds")
            }
            delayMax = UInt64(milliseconds * 1e6)
        }
        run = try batching.choice("run", of: Run.self) ?? run
    }
}

extension ModelConfiguration.Golden {
    fileprivate init(_ section: ConfigurationSection) throws(ConfigurationFault) {
        try section.check(keys: ["input", "output", "tolerance"])
        guard let input = try section.numbers("input", countMax: 1_000_000) else {
            throw section.fault("input", "is missing")
        }
        guard let output = try section.numbers("output", countMax: 1_000_000) else {
            throw section.fault("output", "is missing")
        }
        self.init(input: input, output: output)
        tolerance = try section.number("tolerance") ?? tolerance
    }
}

extension ImageRecipe {
    /// The words of `image.resize`.
    private enum ResizeWord: String, CaseIterable {
        case stretch, shorterSide, none
    }

    /// The words of `image.crop`.
    private enum CropWord: String, CaseIterable {
        case center, none
    }

    fileprivate init(_ section: ConfigurationSection) throws(ConfigurationFault) {
        try section.check(keys: [
            "width", "height", "resize", "resizeTo", "crop", "channels", "layout", "scale", "mean", "std",
        ])
        guard let width = try section.integer("width", in: 1...4096) else {
            throw section.fault("width", "is missing")
        }
        guard let height = try section.integer("height", in: 1...4096) else {
            throw section.fault("height", "is missing")
        }
        self.init(width: width, height: height)
        try readResize(section)
        channels = try section.choice("channels", of: Channels.self) ?? channels
        layout = try section.choice("layout", of: Layout.self) ?? layout
        scale = try section.number("scale") ?? scale
        mean = try section.numbers("mean", countMax: 3) ?? Array(repeating: 0, count: channels.count)
        std = try section.numbers("std", countMax: 3) ?? Array(repeating: 1, count: channels.count)
        guard mean.count == channels.count else {
            throw section.fault("mean", "must have one number for each of \(channels.count) channels")
        }
        guard std.count == channels.count, std.allSatisfy({ $0 != 0 }) else {
            throw section.fault(
                "std", "must have one number other than 0 for each of \(channels.count) channels")
        }
    }

    private mutating func readResize(_ section: ConfigurationSection) throws(ConfigurationFault) {
        let word = try section.choice("resize", of: ResizeWord.self) ?? .stretch
        let side = try section.integer("resizeTo", in: 1...8192)
        switch word {
        case .stretch: resize = .stretch
        case .none: resize = .none
        case .shorterSide: resize = .shorterSide(side ?? min(width, height))
        }
        if word != .shorterSide, side != nil {
            throw section.fault("resizeTo", "goes with `resize: shorterSide` only")
        }
        if word == .shorterSide, let side, side < max(width, height) {
            throw section.fault("resizeTo", "must be at least the larger of width and height")
        }
        centerCrop =
            try section.choice("crop", of: CropWord.self).map { $0 == .center } ?? (word == .shorterSide)
    }
}
