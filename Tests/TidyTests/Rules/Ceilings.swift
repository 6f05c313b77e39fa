/// Ceilings on the size of files, functions and lines.
struct CeilingRule {
    var fileLinesMax = 400
    var functionLinesMax = 60
    var columnsMax = 110

    func findings(in file: SourceFile) -> [Finding] {
        fileFindings(in: file) + lineFindings(in: file) + (file.isSwift ? functionFindings(in: file) : [])
    }

    private func fileFindings(in file: SourceFile) -> [Finding] {
        let count = file.lines.last == "" ? file.lines.count - 1 : file.lines.count
        guard count > fileLinesMax else { return [] }
        return [Finding(path: file.path, line: count, message: "\(count) lines, \(fileLinesMax) at most")]
    }

    private func lineFindings(in file: SourceFile) -> [Finding] {
        file.lines.indices.filter { file.lines[$0].count > columnsMax && !Self.isLiteral(file, at: $0) }.map {
            Finding(
                path: file.path, line: $0 + 1,
                message: "\(file.lines[$0].count) columns, \(columnsMax) at most")
        }
    }

    /// True where a string literal, which cannot be broken without changing it, takes most of the line.
    private static func isLiteral(_ file: SourceFile, at index: Int) -> Bool {
        guard file.isSwift, !file.lines[index].drop(while: { $0 == " " }).hasPrefix("//") else {
            return false
        }
        let written = file.lines[index].filter { $0 != " " }.count
        let code = file.code[index].filter { $0 != " " }.count
        return written > 2 * code
    }

    private func functionFindings(in file: SourceFile) -> [Finding] {
        file.code.indices.filter { Declaration.startsFunction(file.code[$0]) }.compactMap { start in
            guard let end = Self.lastLine(of: file.code, from: start), end - start + 1 > functionLinesMax
            else {
                return nil
            }
            let message = "a function of \(end - start + 1) lines, \(functionLinesMax) at most"
            return Finding(path: file.path, line: start + 1, message: message)
        }
    }

    /// The line of the brace that closes the first one opened at or after `start`.
    private static func lastLine(of code: [String], from start: Int) -> Int? {
        var depth = 0
        for index in start..<code.count {
            if index > start, depth == 0, Declaration.parse(code[index]) != nil { return nil }
            for character in code[index] {
                if character == "{" { depth += 1 }
                if character == "}" { depth -= 1 }
                if character == "}", depth <= 0 { return depth == 0 ? index : nil }
            }
        }
        return nil
    }
}
