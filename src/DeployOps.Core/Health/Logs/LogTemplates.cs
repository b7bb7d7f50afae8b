namespace DeployOps.Health.Logs;

/// <summary>
/// Groups lines into templates as they come: lines of the same length that begin with the same words are compared, and the most similar template takes a line
/// in where half of the words are the same. After P. He, J. Zhu, Z. Zheng and M. Lyu, Drain: An Online Log Parsing Approach with Fixed Depth Tree, ICWS 2017;
/// depth 5 and similarity 0.5, of what is said after the level, since times, threads and levels would make any two errors alike.
/// </summary>
internal sealed class LogTemplates
{
    /// <summary>The most templates that are kept: a program that says more kinds of errors than that is not told apart by them.</summary>
    internal const int Most = 5000;

    private const double Similar = 0.5;

    /// <summary>How many words lead to the templates that are compared: a depth of 5 counts the root, the length and the leaf too.</summary>
    private const int LeadingWords = 2;

    /// <summary>The most words that are told apart at one place; the rest share a branch.</summary>
    private const int MostBranches = 200;

    /// <summary>A line of more words than this is compared by its beginning.</summary>
    private const int MostWords = 200;

    private readonly Node root = new();

    /// <summary>How many there are.</summary>
    internal int Count { get; private set; }

    /// <summary>Puts a template in that was found before.</summary>
    internal LogTemplate Know(string template)
    {
        var known = new LogTemplate(template.Split(' ', StringSplitOptions.RemoveEmptyEntries));
        Leaf(known.Words).Templates.Add(known);
        Count++;

        return known;
    }

    /// <summary>Finds the template of what an event says, or makes it.</summary>
    /// <returns>The template, and whether it was made; null where there are too many already.</returns>
    internal (LogTemplate? Template, bool IsNew) Take(string said)
    {
        var words = LogMask.Words(said);
        words = words.Count > MostWords ? [.. words.Take(MostWords)] : words;
        var leaf = Leaf(words);
        var best = leaf.Templates.MaxBy(template => template.Similarity(words));
        if (best is not null && best.Similarity(words) >= Similar)
        {
            best.TakeIn(words);
            return (best, false);
        }

        if (Count >= Most)
        {
            return (null, false);
        }

        var made = new LogTemplate(words);
        leaf.Templates.Add(made);
        Count++;
        return (made, true);
    }

    /// <summary>All of them as text, to be known again.</summary>
    internal IReadOnlyList<string> Texts() => [.. root.All().Select(template => template.ToString()).Order(StringComparer.Ordinal)];

    private Node Leaf(IReadOnlyList<string> words)
    {
        var node = root.Child(words.Count.ToString(System.Globalization.CultureInfo.InvariantCulture), int.MaxValue);
        foreach (var word in words.Take(LeadingWords))
        {
            node = node.Child(IsVarying(word) ? LogTemplate.Any : word, MostBranches);
        }

        return node;
    }

    private static bool IsVarying(string word) => word == LogTemplate.Any || word.Any(char.IsAsciiDigit);

    private sealed class Node
    {
        private readonly Dictionary<string, Node> children = new(StringComparer.Ordinal);

        internal List<LogTemplate> Templates { get; } = [];

        internal Node Child(string word, int most)
        {
            var key = children.ContainsKey(word) || children.Count < most ? word : LogTemplate.Any;
            if (!children.TryGetValue(key, out var child))
            {
                children[key] = child = new Node();
            }

            return child;
        }

        internal IEnumerable<LogTemplate> All() => Templates.Concat(children.Values.SelectMany(child => child.All()));
    }
}
