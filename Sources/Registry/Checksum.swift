import COpenSSL

/// A SHA-256 (FIPS 180-4) as 64 lower-case hexadecimal digits, by OpenSSL.
package struct Checksum: ~Copyable {
    private let context: OpaquePointer?

    /// Of nothing yet.
    package init() {
        // SAFETY: OpenSSL makes the context, `deinit` frees it once; it is nil only when memory is out.
        context = EVP_MD_CTX_new()
        if let context { EVP_DigestInit_ex(context, EVP_sha256(), nil) }
    }

    deinit { EVP_MD_CTX_free(context) }

    /// Takes more bytes in.
    package mutating func update(_ bytes: UnsafeRawBufferPointer) {
        // SAFETY: the buffer is valid for its count during the call.
        if let context { EVP_DigestUpdate(context, bytes.baseAddress, bytes.count) }
    }

    /// The digits for all that was taken in.
    package consuming func finish() -> String {
        var digest = [UInt8](repeating: 0, count: 32)
        // SAFETY: SHA-256 writes exactly 32 bytes.
        if let context { EVP_DigestFinal_ex(context, &digest, nil) }
        let digits = Array("0123456789abcdef".utf8)
        return String(
            decoding: digest.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
    }

    /// Of bytes in memory.
    package static func of(_ bytes: [UInt8]) -> String {
        var checksum = Checksum()
        // SAFETY: the buffer is used within the call only.
        bytes.withUnsafeBytes { checksum.update($0) }
        return checksum.finish()
    }

    /// Of a file, read once through.
    package static func ofFile(_ path: String, on disk: Disk) throws(StoreError) -> String {
        var checksum = Checksum()
        try disk.forEachChunk(of: path) { checksum.update($0) }
        return checksum.finish()
    }
}
