using System.Text;

namespace DeployOps.Migrations.Sql;

/// <summary>
/// The text of a small file of SQL in one piece: no byte order mark, line endings made LF, as <see cref="SqlReader"/> reads a long one.
/// </summary>
internal static class SqlText
{
    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>Decodes a file, or answers null where it is not UTF-8 text.</summary>
    internal static string? TryDecode(ReadOnlySpan<byte> content)
    {
        ReadOnlySpan<byte> mark = [0xEF, 0xBB, 0xBF];
        try
        {
            var text = StrictUtf8.GetString(content.StartsWith(mark) ? content[mark.Length..] : content);

            // A NUL would end the text for a server while the checksum covers what follows; UTF-16 without a mark shows itself by it.
            return text.Contains('\0', StringComparison.Ordinal) ? null : Normalise(text);
        }
        catch (DecoderFallbackException)
        {
            return null;
        }
    }

    private static string Normalise(string text) =>
        text.Replace("\r\n", "\n", StringComparison.Ordinal).Replace('\r', '\n');
}
