/// Every rule, with this package's own exceptions.
struct Rules {
    let imports: ImportRule
    let unsafe: UnsafeRule
    let ceilings = CeilingRule()
    let names = NameRule()
    let documentation = DocumentationRule()
    let phrases = PhraseRule()

    /// What all the rules find in `files`.
    func findings(in files: [SourceFile]) -> [Finding] {
        files.flatMap { file -> [Finding] in
            let each: [[Finding]] = [
                imports.findings(in: file), unsafe.findings(in: file), ceilings.findings(in: file),
                names.findings(in: file), documentation.findings(in: file), phrases.findings(in: file),
            ]
            return each.flatMap(\.self)
        }
    }
}
