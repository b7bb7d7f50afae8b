namespace DeployOps;

/// <summary>Finds half a character: one of a surrogate pair without the other, which neither UTF-8 nor JSON can hold.</summary>
internal static class HalfPair
{
    /// <summary>Where the first one stands, or -1 where the text is whole.</summary>
    public static int Find(string text)
    {
        for (var at = 0; at < text.Length; at++)
        {
            if (!char.IsSurrogate(text[at]))
            {
                continue;
            }

            if (at + 1 == text.Length || !char.IsSurrogatePair(text[at], text[at + 1]))
            {
                return at;
            }

            at++;
        }

        return -1;
    }
}
