using System.Security.Cryptography;
using System.Text;

namespace DeployOps.Plans.Approvals;

/// <summary>The one number that stands for everything that was approved.</summary>
internal static class PlanDigest
{
    /// <summary>
    /// SHA-256 over a listing that can be read in one way only: a first line with the format, then for each file in ordinal order
    /// its hash, the length of its path in bytes, and the path.
    /// </summary>
    public static string Of(IEnumerable<(string Path, string Sha256)> files)
    {
        var listing = new StringBuilder("deployops-files 1\n");
        foreach (var (path, hash) in files.OrderBy(file => file.Path, StringComparer.Ordinal))
        {
            listing.Append(hash).Append(' ').Append(Encoding.UTF8.GetByteCount(path)).Append(' ').Append(path).Append('\n');
        }

        return Of(Encoding.UTF8.GetBytes(listing.ToString()));
    }

    /// <summary>How a listing differs from an earlier one, one phrase a file.</summary>
    public static IReadOnlyList<string> Differences(IReadOnlyDictionary<string, string> before, IReadOnlyDictionary<string, string> after) =>
    [
        .. before.Keys.Union(after.Keys, StringComparer.Ordinal)
            .Order(StringComparer.Ordinal)
            .Where(path => before.GetValueOrDefault(path) != after.GetValueOrDefault(path))
            .Select(path => $"{path} {(!before.ContainsKey(path) ? "is new" : !after.ContainsKey(path) ? "is gone" : "changed")}"),
    ];

    /// <summary>SHA-256 of bytes, 64 hexadecimal digits in lower case.</summary>
    public static string Of(ReadOnlySpan<byte> bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));

    /// <summary>Whether a text could be one.</summary>
    public static bool IsDigest(string text) => text.Length == 64 && text.All(char.IsAsciiHexDigitLower);
}
