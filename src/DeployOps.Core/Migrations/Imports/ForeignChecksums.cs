using System.Security.Cryptography;
using System.Text;

namespace DeployOps.Migrations.Imports;

/// <summary>The checksums that other tools keep, of a script's text with line ends made LF.</summary>
internal static class ForeignChecksums
{
    private const uint Polynomial = 0xEDB88320;
    private static readonly uint[] Table = [.. Enumerable.Range(0, 256).Select(Entry)];

    /// <summary>Flyway's: CRC-32 of every line's bytes without its end, as a signed number (ChecksumCalculator of flyway-core).</summary>
    internal static bool IsFlyways(string checksum, string text) => checksum == unchecked((int)Crc32(text)).ToString(System.Globalization.CultureInfo.InvariantCulture);

    /// <summary>Evolve's: MD5 of the text with CRLF made LF in hexadecimal digits, and before its version 1.8 of the file's bytes (MigrationScript and FileMigrationScript of Evolve).</summary>
    internal static bool IsEvolves(string checksum, string text)
    {
        var windows = text.Replace("\n", "\r\n", StringComparison.Ordinal);
        return new[] { text, windows, "\uFEFF" + text, "\uFEFF" + windows }.Any(form => Md5(form).Equals(checksum, StringComparison.OrdinalIgnoreCase));
    }

    private static uint Crc32(string text)
    {
        var crc = uint.MaxValue;
        foreach (var one in Encoding.UTF8.GetBytes(text))
        {
            crc = one == (byte)'\n' ? crc : (crc >> 8) ^ Table[(crc ^ one) & 0xFF];
        }

        return ~crc;
    }

    private static uint Entry(int index)
    {
        var entry = (uint)index;
        for (var bit = 0; bit < 8; bit++)
        {
            entry = (entry & 1) == 1 ? (entry >> 1) ^ Polynomial : entry >> 1;
        }

        return entry;
    }

    // Not for secrecy: it is what the tool wrote.
#pragma warning disable CA5351
    private static string Md5(string text) => Convert.ToHexString(MD5.HashData(Encoding.UTF8.GetBytes(text)));
#pragma warning restore CA5351
}
