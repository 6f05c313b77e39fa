import Testing

@testable import HTTPAPI

@Suite struct RouteTests {
    @Test(
        "Paths lead to their routes",
        arguments: [
            ("/openscoring", .contextRoot), ("/openscoring/model", .models), ("/openscoring/model/", .models),
            ("/openscoring/model/X", .model(ModelReference(id: "X"))),
            (
                "/openscoring/model/com.mycompany.Test_v1-0/",
                .model(ModelReference(id: "com.mycompany.Test_v1-0"))
            ),
            ("/openscoring/model/X/pmml", .document(ModelReference(id: "X"))),
            ("/openscoring/model/X/batch", .batch(ModelReference(id: "X"))),
            ("/openscoring/model/X/csv/", .table(ModelReference(id: "X"))),
            ("/openscoring/model/X/versions", .versions("X")),
            ("/openscoring/model/X/versions/12", .model(ModelReference(id: "X", version: 12))),
            ("/openscoring/model/X/versions/12/file", .file(ModelReference(id: "X", version: 12))),
            ("/openscoring/model/X/rollback", .rollback("X")), ("/health/live", .live),
            ("/v2/health/ready", .ready), ("/metrics", .metrics), ("/openapi.yaml", .openAPI),
        ] as [(String, Route)])
    func routes(path: String, route: Route) {
        #expect(Route(path: path) == route)
    }

    @Test(
        "Other paths lead nowhere",
        arguments: [
            "", "/", "*", "/openscoring/", "/openscoring//model", "/openscoring/nothing",
            "/openscoring/model/X/unknown",
            "/openscoring/model/.x", "/openscoring/model/-x", "/openscoring/model/%49ris",
            "/openscoring/model/a+b",
            "/openscoring/model/a/versions/0", "/openscoring/model/a/versions/-1",
            "/openscoring/model/a/versions/1/x",
            "/openscoring/model/a/versions/99999999999999999999", "/openscoring/model/a//",
            "/openscoring/model/a/b/c/d/e/f/g/h/i/j",
            "/v2/health", "/health", "/v2/live", "/v2/health/x", "/metrics/x", "/../etc/passwd",
            "/openscoring/model/" + String(repeating: "a", count: 201),
        ])
    func nowhere(path: String) {
        #expect(Route(path: path) == nil)
    }

    @Test("A method that a path lacks is refused with those that it has")
    func methods() throws {
        #expect(
            try Endpoint(path: "/openscoring/model/X", method: "HEAD") == .describe(ModelReference(id: "X")))
        #expect(try Endpoint(path: "/openscoring/model/X", method: "PUT") == .deploy("X"))
        #expect(throws: APIError.methodNotAllowed(allow: "GET, HEAD, PUT, POST, DELETE, OPTIONS")) {
            try Endpoint(path: "/openscoring/model/X", method: "PATCH")
        }
        #expect(throws: APIError.methodNotAllowed(allow: "GET, HEAD, POST, OPTIONS")) {
            try Endpoint(path: "/openscoring/model/X/versions/1", method: "DELETE")
        }
        #expect(try Endpoint(path: "/metrics", method: "OPTIONS") == .options(allow: "GET, HEAD, OPTIONS"))
        #expect(throws: APIError.notFound) { try Endpoint(path: "/x", method: "OPTIONS") }
    }

    private typealias Credentials = Roles.Credentials

    @Test("Without tokens everybody is a user, and this machine is the admin")
    func addresses() {
        let roles = Roles()
        let far = Credentials(address: "192.0.2.1")
        #expect(roles.grants(.user, to: far) && !roles.grants(.admin, to: far))
        for address in ["127.0.0.1", "127.8.0.1", "::1", "::ffff:127.0.0.1"] {
            #expect(roles.grants(.admin, to: Credentials(address: address)))
        }
    }

    @Test("A page of another site does not become admin through a browser on this machine")
    func crossSite() {
        func caller(_ origin: String?) -> Credentials {
            Credentials(address: "127.0.0.1", origin: origin, host: "localhost:8080")
        }
        #expect(Roles().grants(.admin, to: caller("http://localhost:8080")))
        #expect(!Roles().grants(.admin, to: caller("http://evil.example")))
        #expect(!Roles().grants(.admin, to: caller("null")))
        #expect(Roles().grants(.user, to: caller("http://evil.example")))
    }

    @Test("With tokens the token decides, from wherever it comes")
    func tokens() {
        let roles = Roles(adminToken: "boss", userToken: "clerk")
        func grants(_ role: Role, _ authorization: String?, cookie: String? = nil) -> Bool {
            roles.grants(
                role, to: Credentials(address: "127.0.0.1", authorization: authorization, cookie: cookie))
        }
        #expect(!grants(.user, nil) && !grants(.user, "Bearer x") && !grants(.user, "bearer clerk"))
        #expect(grants(.user, "Bearer clerk") && !grants(.admin, "Bearer clerk"))
        #expect(grants(.user, "Bearer boss") && grants(.admin, "Bearer boss"))
        #expect(grants(.admin, "Bearer clerk", cookie: "a=b; token=boss"))
        #expect(!grants(.admin, "Bearer boss", cookie: "token=clerk"))
    }
}
