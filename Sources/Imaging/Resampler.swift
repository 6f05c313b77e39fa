import CImaging

/// A part of a picture scaled to another size: `window` of the picture at `scaledWidth` x `scaledHeight`.
struct Resampling {
    var scaledWidth: Int
    var scaledHeight: Int
    var columns: Range<Int>
    var rows: Range<Int>
}

extension PixelImage {
    /// Resamples rows first, then columns, each rounded to 8 bits (as Pillow does), and only what the window
    /// needs.
    ///
    /// Each input row is resampled once and added to the sums of the output rows it touches, so that the
    /// memory is that of the output however long the picture.
    func resampled(_ resampling: Resampling) -> [UInt8] {
        let horizontal = ResampleAxis(
            size: width, scaledSize: resampling.scaledWidth, window: resampling.columns)
        let vertical = ResampleAxis(
            size: height, scaledSize: resampling.scaledHeight, window: resampling.rows)
        let rowBytes = 3 * resampling.columns.count
        let total = rowBytes * resampling.rows.count
        var row = [UInt8](repeating: 0, count: rowBytes)
        var sums = [Int32](repeating: 0, count: total)
        // The output rows that the current input row can touch.
        var touched = 0..<0
        for input in vertical.inputs {
            // SAFETY: `input` is below `height`; the axis was made for `width` inputs and as many outputs as
            // `row` has.
            augur_resample_row(
                rgb, width * input, horizontal.firsts.count, horizontal.firsts, horizontal.counts,
                horizontal.weights,
                horizontal.stride, &row)
            touched = vertical.outputs(of: input, after: touched)
            for output in touched {
                let weight = vertical.weight(of: input, in: output)
                guard weight != 0 else { continue }
                // SAFETY: `output` is one of the window's rows, each of `rowBytes` sums.
                augur_accumulate_row(row, weight, rowBytes, &sums, output * rowBytes)
            }
        }
        var samples = [UInt8](repeating: 0, count: total)
        augur_round_row(sums, total, &samples)
        return samples
    }
}

extension ResampleAxis {
    /// The outputs that take from `input`, given those of an earlier input: both ends only move forward.
    func outputs(of input: Int, after earlier: Range<Int>) -> Range<Int> {
        var (first, end) = (earlier.lowerBound, earlier.upperBound)
        while first < firsts.count, Int(firsts[first] + counts[first]) <= input { first += 1 }
        end = max(first, end)
        while end < firsts.count, Int(firsts[end]) <= input { end += 1 }
        return first..<end
    }

    /// The weight of an input in one of its outputs.
    func weight(of input: Int, in output: Int) -> Int32 {
        let tap = input - Int(firsts[output])
        return tap >= 0 && tap < Int(counts[output]) ? weights[output * stride + tap] : 0
    }
}
