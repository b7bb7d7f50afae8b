using DeployOps.Plans.Syntax;

namespace DeployOps.Plans;

/// <summary>
/// A look over the text before PowerShell's parser sees it. The parser resolves <c>using</c> and <c>configuration</c> while it
/// parses, which loads assemblies and modules, and it overflows the stack on long chains of operators. What a plan has no use
/// for is refused here; whatever could be read in two ways is refused too, so that nothing hides in what looks like text.
/// </summary>
internal sealed class DataFileScan
{
    private const int DeepestNesting = 64;

    /// <summary>Signs in a row of one table or list, of which numbers and keys need a few dozen; the parser's tree is as deep.</summary>
    private const int LongestChain = 500;

    private const string NeverRun = "a plan is data and is never run";

    private readonly string text;
    private readonly Stack<int> chains = new([0]);
    private int position;
    private int commas;
    private bool isAfterPiece;
    private string? problem;

    private DataFileScan(string text) => this.text = text;

    /// <summary>The first thing that must not reach the parser, or null.</summary>
    public static (PlanPosition Position, string Message)? FindDanger(string text)
    {
        var scan = new DataFileScan(text);
        while (scan.problem is null && scan.position < text.Length)
        {
            scan.Step();
        }

        return scan.problem is null ? null : (scan.Place(), scan.problem);
    }

    private void Step()
    {
        var sign = text[position];
        commas = char.IsWhiteSpace(sign) ? commas : sign == ',' ? commas + 1 : 0;
        if (commas > DeepestNesting)
        {
            Refuse("too many commas without a value between.");
        }
        else if (sign == '#')
        {
            LineComment();
        }
        else if (sign == '<' && Peek(1) == '#')
        {
            SkipTo("#>");
        }
        else if (sign == '@' && (IsSingleQuote(Peek(1)) || IsDoubleQuote(Peek(1))))
        {
            BeginPiece();
            HereString();
            isAfterPiece = true;
        }
        else if (IsSingleQuote(sign) || IsDoubleQuote(sign))
        {
            BeginPiece();
            Quoted();
            isAfterPiece = true;
        }
        else if (sign is '`' or '\0')
        {
            Refuse("this sign is not allowed outside of quotes.");
        }
        else if (IsWordSign(sign))
        {
            BeginPiece();
            Word();
            isAfterPiece = true;
        }
        else
        {
            Sign(sign);
        }
    }

    private void Sign(char sign)
    {
        switch (sign)
        {
            case '{' or '(' or '[':
                // A chain of indexers is as deep a tree as one of operators; tables and lists beside each other are not, however many.
                if (Peek(-1) != '@')
                {
                    Count();
                }

                isAfterPiece = false;
                chains.Push(0);
                if (chains.Count > DeepestNesting + 1)
                {
                    Refuse($"tables and lists are nested deeper than {DeepestNesting}.");
                }

                break;
            case '}' or ')' or ']':
                isAfterPiece = true;
                if (chains.Count > 1)
                {
                    chains.Pop();
                }

                break;
            case ';':
                isAfterPiece = false;
                chains.Pop();
                chains.Push(0);
                break;
            case '$' when Peek(1) == '{':
                Refuse($"variables are not allowed: {NeverRun}.");
                break;
            case '%' when position >= 2 && text.AsSpan(position - 2, 2).SequenceEqual("--"):
                // After it PowerShell takes the rest of the line as it is, quotes and all.
                Refuse($"commands are not allowed: {NeverRun}.");
                break;
            case '&':
                // The background sign leaves no trace in the syntax tree that this can be compiled against.
                Refuse($"commands are not allowed: {NeverRun}.");
                break;
            case '@' when Peek(1) is '{' or '(':
                BeginPiece();
                break;
            case ',' or '\n' or '\r':
                isAfterPiece = false;
                break;
            case '@' or '$':
                break;
            default:
                if (!char.IsWhiteSpace(sign))
                {
                    isAfterPiece = false;
                    Count();
                }

                break;
        }

        position += problem is null ? 1 : 0;
    }

    // Values side by side with nothing between them are never data, and each costs the parser a mistake and more time than the one before.
    private void BeginPiece()
    {
        if (isAfterPiece)
        {
            Count();
        }

        isAfterPiece = false;
    }

    private void Count()
    {
        chains.Push(chains.Pop() + 1);
        if (chains.Peek() > LongestChain)
        {
            Refuse($"expressions are not allowed: {NeverRun}.");
        }
    }

    private void Word()
    {
        var start = position;
        while (position < text.Length && IsWordSign(text[position]))
        {
            position++;
        }

        var word = text[start..position];
        var isKeyword = word.Equals("using", StringComparison.OrdinalIgnoreCase) || word.Equals("configuration", StringComparison.OrdinalIgnoreCase);
        if (isKeyword && !IsFollowedByEquals())
        {
            position = start;
            Refuse($"commands are not allowed: {NeverRun}.");
        }
    }

    private bool IsFollowedByEquals()
    {
        var next = position;
        while (next < text.Length && text[next] is ' ' or '\t')
        {
            next++;
        }

        return next < text.Length && text[next] == '=';
    }

    private void LineComment()
    {
        if (!IsAfterGap())
        {
            Refuse("a comment needs a space before its '#'.");
            return;
        }

        while (position < text.Length && text[position] is not ('\n' or '\r'))
        {
            position++;
        }
    }

    private void SkipTo(string end)
    {
        var found = text.IndexOf(end, position + 2, StringComparison.Ordinal);
        position = found < 0 ? text.Length : found + end.Length;
    }

    private void Quoted()
    {
        if (!IsAfterGap())
        {
            Refuse("a text in quotes needs a space or a sign like '=' before it.");
            return;
        }

        var start = position;
        var isDouble = IsDoubleQuote(text[position]);
        for (position++; position < text.Length; position++)
        {
            var sign = text[position];
            if (isDouble && sign == '`')
            {
                position++;
            }
            else if (isDouble && sign == '$' && Peek(1) == '(')
            {
                position = start;
                Refuse($"variables and expressions in a text are not allowed: {NeverRun}.");
                return;
            }
            else if (isDouble ? IsDoubleQuote(sign) : IsSingleQuote(sign))
            {
                var next = Peek(1);
                if (!(isDouble ? IsDoubleQuote(next) : IsSingleQuote(next)))
                {
                    position++;
                    return;
                }

                position++;
            }
        }
    }

    private void HereString()
    {
        var start = position;
        var isDouble = IsDoubleQuote(Peek(1));
        var line = text.IndexOf('\n', position);
        if (line < 0 || !text.AsSpan(position + 2, line - position - 2).IsWhiteSpace())
        {
            Refuse("a here-string begins on the line after its opening sign.");
            return;
        }

        for (position = line; position < text.Length; position++)
        {
            if (isDouble && text[position] == '$' && Peek(1) == '(')
            {
                position = start;
                Refuse($"variables and expressions in a text are not allowed: {NeverRun}.");
                return;
            }

            if (text[position] is '\n' or '\r' && (isDouble ? IsDoubleQuote(Peek(1)) : IsSingleQuote(Peek(1))) && Peek(2) == '@')
            {
                position += 3;
                return;
            }
        }
    }

    /// <summary>Whether what stands before cannot be glued to this into one word, which PowerShell would read otherwise.</summary>
    private bool IsAfterGap() => position == 0 || char.IsWhiteSpace(text[position - 1]) || text[position - 1] is '=' or ',' or ';' or '(' or ')' or '{' or '}';

    private char Peek(int ahead) => position + ahead >= 0 && position + ahead < text.Length ? text[position + ahead] : '\0';

    private void Refuse(string message) => problem ??= message;

    private PlanPosition Place()
    {
        var before = text.AsSpan(0, Math.Min(position, text.Length));
        var line = before.LastIndexOf('\n');
        return new PlanPosition(before.Count('\n') + 1, before.Length - line);
    }

    private static bool IsWordSign(char sign) => char.IsLetterOrDigit(sign) || sign == '_';

    private static bool IsSingleQuote(char sign) => sign is '\'' or '\u2018' or '\u2019' or '\u201A' or '\u201B';

    private static bool IsDoubleQuote(char sign) => sign is '"' or '\u201C' or '\u201D' or '\u201E';
}
