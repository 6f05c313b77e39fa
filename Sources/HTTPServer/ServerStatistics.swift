/// What the server has counted since its start, summed over its loops.
package struct ServerStatistics: Sendable, Hashable {
    package var connectionsAccepted = 0
    package var connectionsOpen = 0
    /// Times that accepting was paused, at the connection bound or out of descriptors.
    package var acceptPauses = 0
    /// Complete requests handed to the application.
    package var requests = 0
    /// Requests that the server refused by itself.
    package var faults = 0
    /// Clients that went away before their reply was sent.
    package var disconnects = 0
    package var bytesReceived = 0
    package var bytesSent = 0
    /// Replies by status code.
    package var responses: [Int: Int] = [:]

    /// Nothing counted.
    package init() {}
}
