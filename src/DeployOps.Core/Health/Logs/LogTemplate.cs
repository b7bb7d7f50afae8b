namespace DeployOps.Health.Logs;

/// <summary>What the lines of one kind have in common.</summary>
internal sealed class LogTemplate
{
    /// <summary>The word that stands for any.</summary>
    internal const string Any = "<*>";

    private readonly string[] words;

    internal LogTemplate(IReadOnlyList<string> words) => this.words = [.. words];

    /// <summary>Its words; one that differs from line to line is <see cref="Any"/>.</summary>
    internal IReadOnlyList<string> Words => words;

    /// <summary>
    /// The share of words that a line of the same length has in common with it, 0 to 1. What may be any is in common with none; what is masked in both says nothing and
    /// is left out.
    /// </summary>
    internal double Similarity(IReadOnlyList<string> line)
    {
        var (same, all) = (0, 0);
        for (var i = 0; i < words.Length; i++)
        {
            if (words[i] == line[i] && LogMask.IsMask(line[i]))
            {
                continue;
            }

            all++;
            same += words[i] == line[i] ? 1 : 0;
        }

        return all == 0 ? 1 : (double)same / all;
    }

    /// <summary>Takes a line in: the words in which it differs may be any from here on.</summary>
    internal void TakeIn(IReadOnlyList<string> line)
    {
        for (var i = 0; i < words.Length; i++)
        {
            words[i] = words[i] == line[i] ? words[i] : Any;
        }
    }

    /// <inheritdoc/>
    public override string ToString() => string.Join(' ', words);
}
