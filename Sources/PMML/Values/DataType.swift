/// PMML's data types (element `DataField`, attribute `dataType`).
enum DataType: Sendable, Hashable {
    case string, integer, float, double, boolean
    case date, time, dateTime
    /// Whole days since 1 January of the year.
    case dateDaysSince(Int)
    /// Whole seconds since midnight.
    case timeSeconds
    /// Whole seconds since the start of the year.
    case dateTimeSecondsSince(Int)

    /// The type with PMML's name, or nil for an unknown one.
    init?(name: String) {
        switch name {
        case "string": self = .string
        case "integer": self = .integer
        case "float": self = .float
        case "double": self = .double
        case "boolean": self = .boolean
        case "date": self = .date
        case "time": self = .time
        case "dateTime": self = .dateTime
        case "timeSeconds": self = .timeSeconds
        default:
            guard let (kind, year) = DataType.epoch(name) else { return nil }
            self = kind == "dateDaysSince" ? .dateDaysSince(year) : .dateTimeSecondsSince(year)
        }
    }

    private static func epoch(_ name: String) -> (String, Int)? {
        for kind in ["dateDaysSince", "dateTimeSecondsSince"] where name.hasPrefix(kind + "[") {
            let year = name.dropFirst(kind.count + 1).dropLast()
            guard name.hasSuffix("]"), let year = Int(year),
                [0, 1960, 1970, 1980, 1990, 2000, 2010, 2020]
                    .contains(year)
            else { return nil }
            return (kind, year)
        }
        return nil
    }

    /// PMML's name.
    var name: String {
        switch self {
        case .string: "string"
        case .integer: "integer"
        case .float: "float"
        case .double: "double"
        case .boolean: "boolean"
        case .date: "date"
        case .time: "time"
        case .dateTime: "dateTime"
        case .timeSeconds: "timeSeconds"
        case .dateDaysSince(let year): "dateDaysSince[\(year)]"
        case .dateTimeSecondsSince(let year): "dateTimeSecondsSince[\(year)]"
        }
    }

    /// Integer, float or double.
    var isNumeric: Bool {
        switch self {
        case .integer, .float, .double: true
        case .string, .boolean, .date, .time, .dateTime, .dateDaysSince, .timeSeconds,
            .dateTimeSecondsSince:
            false
        }
    }

    /// The operational type of a value that no field declares.
    var naturalOpType: OpType {
        switch self {
        case .integer, .float, .double: .continuous
        case .string, .boolean: .categorical
        case .date, .time, .dateTime, .dateDaysSince, .timeSeconds, .dateTimeSecondsSince: .ordinal
        }
    }
}

/// PMML's operational types (attribute `optype`).
enum OpType: UInt8, Sendable, Hashable {
    case continuous, categorical, ordinal

    /// The type with PMML's name, or nil for an unknown one.
    init?(name: String) {
        switch name {
        case "continuous": self = .continuous
        case "categorical": self = .categorical
        case "ordinal": self = .ordinal
        default: return nil
        }
    }

    /// PMML's name.
    var name: String {
        switch self {
        case .continuous: "continuous"
        case .categorical: "categorical"
        case .ordinal: "ordinal"
        }
    }
}
