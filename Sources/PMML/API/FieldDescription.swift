/// An input, group, target or output field as a model's schema shows it.
package struct FieldDescription: Sendable, Hashable {
    /// The field's name (`_target` for a target that the model leaves unnamed).
    package let id: String
    /// `displayName`, where the document gives one.
    package let displayName: String?
    /// PMML's name of the data type, such as `double`; nil where it is not known.
    package let dataType: String?
    /// `continuous`, `categorical` or `ordinal`; nil where it is not known.
    package let opType: String?
    /// Valid intervals (`[0, 5)`) first, then valid values.
    package let values: [String]
}
