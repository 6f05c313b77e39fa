import Tensors

/// The im2col matrix of one image and group, made a tile of columns at a time so that it stays in the cache.
///
///     rows = channels * kernel taps, columns = output positions
///     tile[row, column] = x[channel, position * stride + tap * dilation - pad], 0 in the padding
struct ColumnTile {
    let window: Window
    let channels: Int
    let rows: Int
    /// Columns of a full tile: whole output lines, about 2^18 elements in all.
    let width: Int
    /// A 1x1 kernel at stride 1 without padding: the image is its own matrix.
    let isIdentity: Bool
    /// One channel a group.
    var isDepthwise: Bool { channels == 1 }

    init(window: Window, channels: Int) {
        (self.window, self.channels) = (window, channels)
        rows = saturatingMultiply(channels, window.kernelCount)
        isIdentity =
            window.kernelCount == 1 && window.stride == [1, 1, 1] && window.padBegin == [0, 0, 0]
            && window.padEnd == [0, 0, 0]
        let wanted = max(1, (1 << 18) / max(rows, 1))
        let line = max(window.output[2], 1)
        width = max(
            1, min(window.outputCount, isIdentity ? window.outputCount : max(wanted / line, 1) * line))
    }

    /// Writes the columns `columns` (whole output lines) of the image at `start` into `tile`.
    func fill<Value: MatrixElement>(
        _ tile: MutableElements<Value>, from x: Elements<Value>, at start: Int, columns: Range<Int>
    ) {
        let line = window.output[2]
        let lines = (columns.lowerBound / line)..<((columns.upperBound + line - 1) / line)
        var row = 0
        for channel in 0..<channels {
            let plane = start + channel * window.inputCount
            for tap in 0..<window.kernelCount {
                let kernel = window.position(ofTap: tap)
                let inside = window.outputRange(axis: 2, tap: kernel[2])
                let shift = window.shift(axis: 2, tap: kernel[2])
                for (number, outputLine) in lines.enumerated() {
                    let to = row * columns.count + number * line
                    guard let source = window.inputLine(row: outputLine, kernel: kernel), !inside.isEmpty
                    else {
                        for column in 0..<line { tile[to + column] = 0 }
                        continue
                    }
                    for column in 0..<inside.lowerBound { tile[to + column] = 0 }
                    copyLine(tile, to + inside.lowerBound, x, plane + source + shift, inside)
                    for column in inside.upperBound..<line { tile[to + column] = 0 }
                }
                row += 1
            }
        }
    }

    @inline(__always)
    private func copyLine<Value: MatrixElement>(
        _ tile: MutableElements<Value>, _ to: Int, _ x: Elements<Value>, _ origin: Int, _ inside: Range<Int>
    ) {
        let step = window.stride[2]
        if step == 1 {
            tile.copy(x, from: origin + inside.lowerBound, count: inside.count, to: to)
            return
        }
        var from = origin + inside.lowerBound * step
        for column in 0..<inside.count {
            tile[to + column] = x[from]
            from += step
        }
    }
}
