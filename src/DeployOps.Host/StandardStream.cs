using System.Text;

namespace DeployOps.Host;

/// <summary>Standard output or error as text, which outlives its reader.</summary>
internal sealed class StandardStream(Stream stream)
{
    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false);

    private bool _isGone;

    /// <summary>
    /// Writes at once, unbuffered. Where the reader has gone (a closed terminal, <c>| head</c>) the text is dropped from then on:
    /// the journal is the record, and a release must not break off half done because nobody looks.
    /// </summary>
    public void Write(string text)
    {
        if (_isGone || text.Length == 0)
        {
            return;
        }

        try
        {
            stream.Write(Utf8.GetBytes(text));
            stream.Flush();
        }
        catch (IOException)
        {
            _isGone = true;
        }
    }
}
