using System.Collections.Immutable;
using System.Text.Json;

namespace DeployOps.Smoke.JsonPaths;

/// <summary>Reads a path (RFC 9535) and checks that its filters are well typed. One parser reads one path.</summary>
internal sealed class JsonPathParser(string text)
{
    /// <summary>Brackets, parentheses and calls may be this deep; deeper than any path a person writes.</summary>
    private const int DeepestNesting = 32;

    private readonly JsonPathReader reader = new(text);
    private int depth;

    /// <summary>Reads the whole text as one path.</summary>
    /// <exception cref="JsonPathException">It is not a path.</exception>
    public JsonPathQuery Parse()
    {
        if (reader.Peek() != '$')
        {
            throw reader.Error($"a path starts with '$', found {reader.Found()}");
        }

        var query = ParseQuery();
        return reader.AtEnd ? query : throw reader.Error($"expected '.', '[' or the end of the path, found {reader.Found()}");
    }

    private JsonPathQuery ParseQuery()
    {
        var fromRoot = reader.Peek() == '$';
        reader.Offset++;
        var segments = ImmutableArray.CreateBuilder<JsonPathSegment>();
        while (true)
        {
            var before = reader.Offset;
            reader.SkipSpace();
            if (reader.Peek() is not ('.' or '['))
            {
                reader.Offset = before;
                return new JsonPathQuery(fromRoot, segments.ToImmutable());
            }

            segments.Add(ParseSegment());
        }
    }

    private JsonPathSegment ParseSegment()
    {
        var descendant = reader.TryTake("..");
        if (!descendant && !reader.TryTake("."))
        {
            return new JsonPathSegment(Descendant: false, ParseBrackets());
        }

        if (reader.TryTake("*"))
        {
            return new JsonPathSegment(descendant, [new JsonPathSelector.Wildcard()]);
        }

        return descendant && reader.Peek() == '['
            ? new JsonPathSegment(descendant, ParseBrackets())
            : new JsonPathSegment(descendant, [new JsonPathSelector.Name(reader.TakeName())]);
    }

    private ImmutableArray<JsonPathSelector> ParseBrackets() => Nested(() =>
    {
        var selectors = ImmutableArray.CreateBuilder<JsonPathSelector>();
        reader.Take("[");
        do
        {
            reader.SkipSpace();
            selectors.Add(ParseSelector());
            reader.SkipSpace();
        }
        while (reader.TryTake(","));

        reader.Take("]");
        return selectors.ToImmutable();
    });

    private JsonPathSelector ParseSelector()
    {
        switch (reader.Peek())
        {
            case '\'' or '"':
                return new JsonPathSelector.Name(reader.TakeQuoted());
            case '*':
                reader.Offset++;
                return new JsonPathSelector.Wildcard();
            case '?':
                reader.Offset++;
                reader.SkipSpace();
                return new JsonPathSelector.Filter(ParseAny());
            case ':' or '-' or (>= '0' and <= '9'):
                return ParseIndexOrSlice();
            default:
                throw reader.Error($"expected a quoted name, an index, a slice, '*' or '?', found {reader.Found()}");
        }
    }

    private JsonPathSelector ParseIndexOrSlice()
    {
        var start = TakeOptionalInteger();
        var afterStart = reader.Offset;
        reader.SkipSpace();
        if (!reader.TryTake(":"))
        {
            reader.Offset = afterStart;
            return new JsonPathSelector.Index(start ?? throw reader.Error("expected an index"));
        }

        reader.SkipSpace();
        var end = TakeOptionalInteger();
        reader.SkipSpace();
        long? step = null;
        if (reader.TryTake(":"))
        {
            reader.SkipSpace();
            step = TakeOptionalInteger();
        }

        return new JsonPathSelector.Slice(start, end, step ?? 1);
    }

    private long? TakeOptionalInteger() => reader.Peek() == '-' || char.IsAsciiDigit(reader.Peek()) ? reader.TakeInteger() : null;

    private JsonPathCondition ParseAny()
    {
        var conditions = ParseList(ParseAll, "||");
        return conditions is [var only] ? only : new JsonPathCondition.Any(conditions);
    }

    private JsonPathCondition ParseAll()
    {
        var conditions = ParseList(ParseBasic, "&&");
        return conditions is [var only] ? only : new JsonPathCondition.All(conditions);
    }

    private ImmutableArray<JsonPathCondition> ParseList(Func<JsonPathCondition> parse, string separator)
    {
        var conditions = ImmutableArray.CreateBuilder<JsonPathCondition>();
        int before;
        do
        {
            reader.SkipSpace();
            conditions.Add(parse());
            before = reader.Offset;
            reader.SkipSpace();
        }
        while (reader.TryTake(separator));

        reader.Offset = before;
        return conditions.ToImmutable();
    }

    private JsonPathCondition ParseBasic()
    {
        if (reader.Peek() == '!')
        {
            reader.Offset++;
            reader.SkipSpace();
            return new JsonPathCondition.Not(reader.Peek() == '(' ? ParseParentheses() : ParseTest());
        }

        return reader.Peek() == '(' ? ParseParentheses() : ParseComparisonOrTest();
    }

    private JsonPathCondition ParseParentheses() => Nested(() =>
    {
        reader.Take("(");
        reader.SkipSpace();
        var condition = ParseAny();
        reader.SkipSpace();
        reader.Take(")");
        return condition;
    });

    private JsonPathCondition ParseTest()
    {
        var start = reader.Offset;
        return AsTest(ParseOperand(), start);
    }

    private JsonPathCondition ParseComparisonOrTest()
    {
        var start = reader.Offset;
        var left = ParseOperand();
        var afterLeft = reader.Offset;
        reader.SkipSpace();
        if (TakeComparison() is not { } comparison)
        {
            reader.Offset = afterLeft;
            return AsTest(left, start);
        }

        RequireValue(left, start);
        reader.SkipSpace();
        var rightStart = reader.Offset;
        var right = ParseOperand();
        RequireValue(right, rightStart);
        return new JsonPathCondition.Compares(left, comparison, right);
    }

    private JsonPathCondition AsTest(JsonPathOperand operand, int start) => operand switch
    {
        JsonPathOperand.Nodes nodes => new JsonPathCondition.Exists(nodes.Query),
        JsonPathOperand.Call { IsLogical: true } call => new JsonPathCondition.Holds(call),
        JsonPathOperand.Call => throw reader.Error("the answer of this function must be compared with something", start),
        _ => throw reader.Error("a literal alone is no condition: compare it with something", start),
    };

    private void RequireValue(JsonPathOperand operand, int start)
    {
        if (operand is JsonPathOperand.Nodes { Query.IsSingular: false })
        {
            throw reader.Error("only a path that yields at most one node can be compared", start);
        }

        if (operand is JsonPathOperand.Call { IsLogical: true })
        {
            throw reader.Error("match() and search() answer yes or no and cannot be compared", start);
        }
    }

    private JsonPathComparison? TakeComparison() =>
        reader.TryTake("==") ? JsonPathComparison.Equal
        : reader.TryTake("!=") ? JsonPathComparison.NotEqual
        : reader.TryTake("<=") ? JsonPathComparison.LessOrEqual
        : reader.TryTake(">=") ? JsonPathComparison.GreaterOrEqual
        : reader.TryTake("<") ? JsonPathComparison.Less
        : reader.TryTake(">") ? JsonPathComparison.Greater
        : null;

    private JsonPathOperand ParseOperand() => Nested<JsonPathOperand>(() =>
    {
        var c = reader.Peek();
        if (c is '$' or '@')
        {
            return new JsonPathOperand.Nodes(ParseQuery());
        }

        if (c is '\'' or '"')
        {
            return new JsonPathOperand.Literal(JsonSerializer.SerializeToElement(reader.TakeQuoted()));
        }

        if (c == '-' || char.IsAsciiDigit(c))
        {
            return Literal(reader.TakeNumber());
        }

        return char.IsAsciiLetterLower(c) ? ParseWord() : throw reader.Error($"expected a path, a literal or a function, found {reader.Found()}");
    });

    private JsonPathOperand ParseWord()
    {
        var start = reader.Offset;
        while (char.IsAsciiLetterLower(reader.Peek()) || char.IsAsciiDigit(reader.Peek()) || reader.Peek() == '_')
        {
            reader.Offset++;
        }

        var word = reader.From(start);
        if (reader.Peek() == '(')
        {
            return ParseCall(word, start);
        }

        return word is "true" or "false" or "null"
            ? Literal(word)
            : throw reader.Error($"expected a path, a literal or a function, found '{word}'", start);
    }

    private JsonPathOperand.Call ParseCall(string name, int start)
    {
        var function = name switch
        {
            "length" => JsonPathFunction.Length,
            "count" => JsonPathFunction.Count,
            "value" => JsonPathFunction.Value,
            "match" => JsonPathFunction.Match,
            "search" => JsonPathFunction.Search,
            _ => throw reader.Error($"not supported by DeployOps: function {name}(); expected length, count, value, match or search", start),
        };
        var takesNodes = function is JsonPathFunction.Count or JsonPathFunction.Value;
        var arity = function is JsonPathFunction.Match or JsonPathFunction.Search ? 2 : 1;
        var arguments = ImmutableArray.CreateBuilder<JsonPathOperand>(arity);
        reader.Take("(");
        for (var i = 0; i < arity; i++)
        {
            if (i > 0)
            {
                reader.Take(",");
            }

            reader.SkipSpace();
            arguments.Add(ParseArgument(name, takesNodes));
            reader.SkipSpace();
        }

        reader.Take(")");
        return new JsonPathOperand.Call(function, arguments.ToImmutable());
    }

    private JsonPathOperand ParseArgument(string function, bool takesNodes)
    {
        var start = reader.Offset;
        var argument = ParseOperand();
        if (takesNodes && argument is not JsonPathOperand.Nodes)
        {
            throw reader.Error($"{function}() takes a path", start);
        }

        if (!takesNodes)
        {
            RequireValue(argument, start);
        }

        return argument;
    }

    private static JsonPathOperand.Literal Literal(string json)
    {
        using var document = JsonDocument.Parse(json);
        return new JsonPathOperand.Literal(document.RootElement.Clone());
    }

    private T Nested<T>(Func<T> parse)
    {
        if (depth == DeepestNesting)
        {
            throw reader.Error($"nested deeper than {DeepestNesting}");
        }

        depth++;
        var result = parse();
        depth--;
        return result;
    }
}
