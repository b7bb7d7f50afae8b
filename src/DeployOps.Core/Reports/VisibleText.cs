using System.Globalization;
using System.Text;

namespace DeployOps.Reports;

/// <summary>Text of any origin for a reader's eyes: what could not be seen, or would turn the reading direction of what follows, is made visible.</summary>
internal static class VisibleText
{
    private const int ControlPictures = 0x2400;
    private const int DeletePicture = 0x2421;

    /// <summary>Appends one character. EnumerateRunes has already turned half a surrogate pair into U+FFFD.</summary>
    internal static void Append(StringBuilder page, Rune rune)
    {
        switch (rune.Value)
        {
            case '\t' or '\n':
                page.Append((char)rune.Value);
                break;
            case '\r':
                // Windows' line ends are line ends; a page has only the other half of them.
                break;
            case < 0x20:
                page.Append((char)(ControlPictures + rune.Value));
                break;
            case 0x7F:
                page.Append((char)DeletePicture);
                break;
            case var code when IsUnseen(code):
                page.Append(CultureInfo.InvariantCulture, $"[U+{code:X4}]");
                break;
            default:
                page.Append(rune.ToString());
                break;
        }
    }

    /// <summary>Whether it is a C1 control; a mark, embedding, override or isolate of direction; of no width and joins no emoji; a separator; or no character.</summary>
    internal static bool IsUnseen(int code) => code is (>= 0x80 and <= 0x9F)
        or 0x061C or 0x200B or 0x200E or 0x200F or (>= 0x2028 and <= 0x202E) or (>= 0x2066 and <= 0x2069) or 0xFEFF
        or (>= 0xFDD0 and <= 0xFDEF) or (>= 0xE0000 and <= 0xE007F)
        || (code & 0xFFFE) == 0xFFFE;
}
