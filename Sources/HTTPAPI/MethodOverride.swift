/// The method that a browser's form means (Openscoring: POST only, header or query, any letter case).
package enum MethodOverride {
    /// The method to act on, in upper case.
    ///
    /// - Parameters:
    ///   - method: Of the request line.
    ///   - header: `X-HTTP-Method-Override`.
    ///   - parameter: `_method` of the query.
    /// - Throws: `badRequest` when header and query name different methods.
    package static func apply(
        to method: String, header: String?, parameter: String?
    ) throws(APIError) -> String {
        guard method == "POST" else { return method }
        let byHeader = header?.uppercased()
        let byParameter = parameter?.uppercased()
        if let byHeader, let byParameter, byHeader != byParameter {
            throw .badRequest("X-HTTP-Method-Override and _method name different methods")
        }
        return byHeader ?? byParameter ?? method
    }
}
