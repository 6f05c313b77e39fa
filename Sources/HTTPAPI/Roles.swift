/// What a caller may do; `admin` includes `user`.
package enum Role: Sendable, Equatable {
    /// Evaluate and read.
    case user
    /// Deploy, download, roll back and undeploy.
    case admin
}

/// Who has which role: by address, or by token where one is set.
package struct Roles: Sendable {
    /// Everyone with this token is an admin. `nil`: everyone on this machine's loopback is.
    package var adminToken: String?
    /// Everyone with this token is a user. `nil`: everybody is.
    package var userToken: String?

    package init(adminToken: String? = nil, userToken: String? = nil) {
        self.adminToken = adminToken
        self.userToken = userToken
    }

    /// What a request brings to show who sent it.
    package struct Credentials: Sendable {
        /// Of the peer, as text; no port.
        package var address: String
        /// `Authorization`, whole.
        package var authorization: String?
        /// `Cookie`, whole.
        package var cookie: String?
        /// `Origin`: only browsers send it.
        package var origin: String?
        /// `Host`.
        package var host: String?

        package init(
            address: String, authorization: String? = nil, cookie: String? = nil, origin: String? = nil,
            host: String? = nil
        ) {
            self.address = address
            self.authorization = authorization
            self.cookie = cookie
            self.origin = origin
            self.host = host
        }

        /// The cookie called `token` first, else a bearer token; the scheme's letter case counts.
        var token: String? {
            for pair in (cookie ?? "").split(separator: ";").prefix(64) {
                let pair = pair.drop { $0 == " " }
                if pair.hasPrefix("token=") { return String(pair.dropFirst(6)) }
            }
            guard let authorization, authorization.hasPrefix("Bearer ") else { return nil }
            return String(authorization.dropFirst(7))
        }

        /// A page of another site in a browser on this machine must not act with this machine's address.
        var isCrossSite: Bool {
            guard let origin else { return false }
            guard let host else { return true }
            return origin != "http://\(host)" && origin != "https://\(host)"
        }
    }

    /// Whether the caller has the role.
    package func grants(_ role: Role, to caller: Credentials) -> Bool {
        let token = caller.token
        let isAdmin =
            adminToken.map { isEqual($0, token) }
            ?? (Self.isLoopback(caller.address) && !caller.isCrossSite)
        if isAdmin { return true }
        return role == .user && (userToken.map { isEqual($0, token) } ?? true)
    }

    /// 127.0.0.0/8, ::1, and the former in the latter's notation.
    package static func isLoopback(_ address: String) -> Bool {
        address.hasPrefix("127.") || address == "::1" || address.hasPrefix("::ffff:127.")
    }

    /// Takes the same time wherever the first difference is.
    private func isEqual(_ secret: String, _ token: String?) -> Bool {
        guard let token else { return false }
        let a = Array(secret.utf8)
        let b = Array(token.utf8)
        guard a.count == b.count else { return false }
        return zip(a, b).reduce(UInt8(0)) { $0 | ($1.0 ^ $1.1) } == 0
    }
}
