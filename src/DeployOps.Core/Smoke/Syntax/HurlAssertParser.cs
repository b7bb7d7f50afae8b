using System.Collections.Immutable;
using System.Text.RegularExpressions;
using DeployOps.Smoke.JsonPaths;
using DeployOps.Smoke.Running;

namespace DeployOps.Smoke.Syntax;

/// <summary>Reads the lines below <c>[Asserts]</c> and <c>[Captures]</c>.</summary>
internal static partial class HurlAssertParser
{
    /// <summary>The most filters of one query.</summary>
    private const int MostFilters = 10;

    private static readonly ImmutableArray<string> KnownElsewhere =
    [
        "bytes", "sha256", "md5", "xpath", "variable", "certificate", "version", "ip", "redirects", "rawbytes",
    ];

    /// <summary>Reads one assert.</summary>
    public static HurlAssert TakeAssert(HurlCursor cursor)
    {
        var position = cursor.Position;
        var query = TakeQuery(cursor);
        if (cursor.AtContentEnd)
        {
            throw new HurlFault(cursor.Position, "expected a predicate such as '== 200' or 'exists'");
        }

        var not = TakeWord(cursor, "not");
        if (not)
        {
            cursor.RequireBlank("'not'");
        }

        return new HurlAssert(query, TakePredicate(cursor, not), position);
    }

    /// <summary>Reads one capture.</summary>
    public static HurlCapture TakeCapture(HurlCursor cursor)
    {
        var position = cursor.Position;
        var name = HurlStrings.TakeName(cursor, position);
        cursor.SkipBlanks();
        if (!cursor.TryTake(":"))
        {
            throw new HurlFault(cursor.Position, $"expected ':' after '{name}', found {cursor.Found()}");
        }

        cursor.SkipBlanks();
        var query = TakeQuery(cursor);
        return new HurlCapture(name, query, TakeWord(cursor, "redact"), position);
    }

    /// <summary>A number, true, false or null; null for any other text.</summary>
    public static SmokeValue? ToLiteral(string text) => text switch
    {
        "true" => SmokeValue.Of(true),
        "false" => SmokeValue.Of(false),
        "null" => SmokeValue.Null,
        _ when NumberPattern().IsMatch(text) => SmokeValue.OfNumber(text),
        _ => null,
    };

    [GeneratedRegex(@"\A-?(0|[1-9][0-9]{0,27})(\.[0-9]{1,28})?\z", RegexOptions.CultureInvariant)]
    private static partial Regex NumberPattern();

    private static HurlQuery TakeQuery(HurlCursor cursor)
    {
        var start = cursor.Offset;
        var position = cursor.Position;
        var word = cursor.TakeWhile(char.IsAsciiLetterOrDigit);
        var query = word switch
        {
            "status" => new HurlQuery(HurlQueryKind.Status, null, null, null, [], ""),
            "body" => new HurlQuery(HurlQueryKind.Body, null, null, null, [], ""),
            "duration" => new HurlQuery(HurlQueryKind.Duration, null, null, null, [], ""),
            "url" => new HurlQuery(HurlQueryKind.Url, null, null, null, [], ""),
            "header" => new HurlQuery(HurlQueryKind.Header, TakeArgument(cursor, word).Build(), null, null, [], ""),
            "cookie" => new HurlQuery(HurlQueryKind.Cookie, TakeCookieName(cursor), null, null, [], ""),
            "jsonpath" => TakeJsonPath(cursor),
            "regex" => new HurlQuery(HurlQueryKind.Regex, null, null, TakePattern(cursor, word), [], ""),
            _ when KnownElsewhere.Contains(word, StringComparer.Ordinal) => throw HurlFault.NotSupported(position, $"query {word}"),
            _ => throw new HurlFault(position, $"expected status, header, body, jsonpath, regex, duration, cookie or url, found {(word.Length > 0 ? $"'{SmokeText.Cut(word, 40)}'" : cursor.Found())}"),
        };
        var filters = TakeFilters(cursor);
        return query with { Filters = filters, Source = cursor.From(start).TrimEnd() };
    }

    private static HurlTemplate TakeCookieName(HurlCursor cursor)
    {
        var position = cursor.Position.Plus(1);
        var name = TakeArgument(cursor, "cookie").Build();
        return name.ToString().Contains('[', StringComparison.Ordinal)
            ? throw HurlFault.NotSupported(position, $"a cookie's attribute in \"{SmokeText.Cut(name.ToString(), 40)}\"; name the cookie alone")
            : name;
    }

    private static HurlQuery TakeJsonPath(HurlCursor cursor)
    {
        var argument = TakeArgument(cursor, "jsonpath");
        var name = argument.Build();
        try
        {
            return new HurlQuery(HurlQueryKind.JsonPath, name, name.Literal is { } text ? JsonPath.Parse(text) : null, null, [], "");
        }
        catch (JsonPathException fault)
        {
            throw new HurlFault(argument.PlaceOf(fault.Offset), $"jsonpath: {fault.Message}");
        }
    }

    private static ImmutableArray<HurlFilter> TakeFilters(HurlCursor cursor)
    {
        var filters = ImmutableArray.CreateBuilder<HurlFilter>();
        while (true)
        {
            var separated = cursor.SkipBlanks();
            if (!cursor.AtContentEnd && !separated)
            {
                throw new HurlFault(cursor.Position, $"expected a space, found {cursor.Found()}");
            }

            if (TakeFilter(cursor) is not { } filter)
            {
                return filters.ToImmutable();
            }

            filters.Add(filter);
            if (filters.Count > MostFilters)
            {
                throw new HurlFault(cursor.Position, $"more than {MostFilters} filters");
            }
        }
    }

    private static HurlFilter? TakeFilter(HurlCursor cursor)
    {
        if (TakeWord(cursor, "count"))
        {
            return new HurlFilter(HurlFilterKind.Count);
        }

        if (TakeWord(cursor, "toInt"))
        {
            return new HurlFilter(HurlFilterKind.ToInt);
        }

        if (TakeWord(cursor, "regex"))
        {
            return new HurlFilter(HurlFilterKind.Regex, Pattern: TakePattern(cursor, "regex"));
        }

        if (!TakeWord(cursor, "nth"))
        {
            return null;
        }

        cursor.RequireBlank("'nth'");
        var position = cursor.Position;
        var number = cursor.TakeWhile(static c => char.IsAsciiDigit(c) || c == '-');
        return int.TryParse(number, System.Globalization.CultureInfo.InvariantCulture, out var index)
            ? new HurlFilter(HurlFilterKind.Nth, index)
            : throw new HurlFault(position, $"nth: expected a whole number, found {(number.Length > 0 ? $"'{SmokeText.Cut(number, 40)}'" : cursor.Found())}");
    }

    private static HurlPredicate TakePredicate(HurlCursor cursor, bool not)
    {
        var position = cursor.Position;
        var word = cursor.TakeWhile(static c => c is '=' or '!' or '<' or '>');
        word = word.Length > 0 ? word : cursor.TakeWhile(char.IsAsciiLetterOrDigit);
        var kind = word switch
        {
            "==" => HurlPredicateKind.Equal,
            "!=" => HurlPredicateKind.NotEqual,
            ">" => HurlPredicateKind.Greater,
            ">=" => HurlPredicateKind.GreaterOrEqual,
            "<" => HurlPredicateKind.Less,
            "<=" => HurlPredicateKind.LessOrEqual,
            "contains" => HurlPredicateKind.Contains,
            "startsWith" => HurlPredicateKind.StartsWith,
            "endsWith" => HurlPredicateKind.EndsWith,
            "matches" => HurlPredicateKind.Matches,
            "exists" => HurlPredicateKind.Exists,
            "isEmpty" => HurlPredicateKind.IsEmpty,
            "" => throw new HurlFault(position, $"expected a predicate, found {cursor.Found()}"),
            _ => throw HurlFault.NotSupported(
                position,
                $"'{SmokeText.Cut(word, 40)}'; expected ==, !=, >, >=, <, <=, contains, startsWith, endsWith, matches, exists, isEmpty, or a filter: count, nth, regex, toInt"),
        };
        if (kind is HurlPredicateKind.Exists or HurlPredicateKind.IsEmpty)
        {
            return new HurlPredicate(not, kind, null);
        }

        if (kind == HurlPredicateKind.Matches)
        {
            return new HurlPredicate(not, kind, TakePattern(cursor, word));
        }

        cursor.RequireBlank($"'{word}'");
        return new HurlPredicate(not, kind, TakeOperand(cursor));
    }

    private static HurlOperand TakeOperand(HurlCursor cursor)
    {
        var position = cursor.Position;
        switch (cursor.Current)
        {
            case '"':
                return new HurlOperand(Text: HurlStrings.TakeQuoted(cursor).Build());
            case '`':
                return new HurlOperand(Text: HurlStrings.TakeBackticks(cursor));
            case '{' when cursor.Sees("{{"):
                return new HurlOperand(Variable: HurlStrings.TakeVariable(cursor, inJsonText: false));
        }

        foreach (var prefix in (ReadOnlySpan<string>)["base64,", "hex,", "file,"])
        {
            if (cursor.Sees(prefix))
            {
                throw HurlFault.NotSupported(position, $"a value written as {prefix}");
            }
        }

        var found = cursor.Found();
        var word = cursor.TakeWhile(static c => c is not (' ' or '\t' or '\n' or '#'));
        return new HurlOperand(Literal: ToLiteral(word) ?? throw new HurlFault(position, $"expected a text in double quotes, a number, true, false, null or {{{{variable}}}}, found {found}"));
    }

    private static HurlTemplateBuilder TakeArgument(HurlCursor cursor, string after)
    {
        cursor.RequireBlank($"'{after}'");
        return cursor.Current == '"'
            ? HurlStrings.TakeQuoted(cursor)
            : throw new HurlFault(cursor.Position, $"expected a text in double quotes after '{after}', found {cursor.Found()}");
    }

    private static HurlOperand TakePattern(HurlCursor cursor, string after)
    {
        cursor.RequireBlank($"'{after}'");
        if (cursor.Current == '/')
        {
            return TakeSlashedPattern(cursor);
        }

        if (cursor.Current != '"')
        {
            throw new HurlFault(cursor.Position, $"expected a pattern in double quotes or slashes after '{after}', found {cursor.Found()}");
        }

        var argument = HurlStrings.TakeQuoted(cursor);
        var text = argument.Build();
        return text.Literal is { } pattern ? new HurlOperand(Pattern: Compile(pattern, argument.PlaceOf)) : new HurlOperand(Text: text);
    }

    private static HurlOperand TakeSlashedPattern(HurlCursor cursor)
    {
        var start = cursor.Position;
        var builder = new HurlTemplateBuilder(start);
        cursor.Take();
        while (cursor.Current != '/')
        {
            if (cursor.AtLineEnd)
            {
                throw new HurlFault(start, "this pattern lacks its closing '/'");
            }

            var position = cursor.Position;
            var c = cursor.Take().ToString();
            if (c == "\\" && !cursor.AtLineEnd)
            {
                c = cursor.Current == '/' ? "/" : c + cursor.Current;
                cursor.Take();
            }

            builder.Append(c, position);
        }

        cursor.Take();
        return new HurlOperand(Pattern: Compile(builder.Build().Literal!, builder.PlaceOf));
    }

    private static Regex Compile(string pattern, Func<int, SourcePosition> placeOf)
    {
        try
        {
            return SmokePattern.Compile(pattern);
        }
        catch (RegexParseException fault)
        {
            throw new HurlFault(placeOf(fault.Offset), $"pattern: {SmokeText.Printable(fault.Message)}");
        }
        catch (Exception fault) when (fault is ArgumentException or NotSupportedException)
        {
            throw fault is NotSupportedException
                ? HurlFault.NotSupported(placeOf(0), "a pattern that needs backtracking (look-around, back-reference, atomic group) or is too large")
                : new HurlFault(placeOf(0), fault.Message);
        }
    }

    /// <summary>Takes a word where it comes next as a whole.</summary>
    private static bool TakeWord(HurlCursor cursor, string word)
    {
        var rest = cursor.RestOfLine;
        return rest.StartsWith(word, StringComparison.Ordinal)
            && (rest.Length == word.Length || !(char.IsAsciiLetterOrDigit(rest[word.Length]) || rest[word.Length] is '-' or '_'))
            && cursor.TryTake(word);
    }
}
