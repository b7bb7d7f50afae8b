using System.Globalization;

namespace DeployOps.Smoke.Syntax;

/// <summary>Reads the lines below <c>[Options]</c>.</summary>
internal static class HurlOptionsParser
{
    /// <summary>More tries than any release window has seconds for.</summary>
    private const int MostRetries = 10_000;

    private const int MostRedirects = 50;

    private static readonly TimeSpan Longest = TimeSpan.FromHours(1);

    /// <summary>Reads one option and adds it.</summary>
    public static HurlOptions Take(HurlCursor cursor, HurlOptions options)
    {
        var start = cursor.Position;
        var name = HurlStrings.TakeKey(cursor).ToString();
        cursor.SkipBlanks();
        return name switch
        {
            "retry" => options with { Retry = TakeNumber(cursor, name, MostRetries) },
            "retry-interval" => options with { RetryInterval = TakeDuration(cursor, name, TimeSpan.FromMilliseconds(1)) },
            "max-time" => options with { MaxTime = TakeDuration(cursor, name, TimeSpan.FromSeconds(1)) },
            "location" => options with { Location = TakeBoolean(cursor, name) },
            "max-redirs" => options with { MaxRedirects = TakeNumber(cursor, name, MostRedirects) },
            "variable" => options with { Variables = options.Variables.Add(TakeVariable(cursor)) },
            _ => throw HurlFault.NotSupported(start, $"[Options] {name}; expected retry, retry-interval, max-time, location, max-redirs or variable"),
        };
    }

    private static int TakeNumber(HurlCursor cursor, string name, int most)
    {
        var position = cursor.Position;
        var text = TakeLiteral(cursor, name);
        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number <= most
            ? number
            : throw new HurlFault(position, $"{name} '{text}': expected a whole number from 0 to {most}");
    }

    private static bool TakeBoolean(HurlCursor cursor, string name)
    {
        var position = cursor.Position;
        return TakeLiteral(cursor, name) switch
        {
            "true" => true,
            "false" => false,
            var text => throw new HurlFault(position, $"{name} '{text}': expected true or false"),
        };
    }

    private static TimeSpan TakeDuration(HurlCursor cursor, string name, TimeSpan defaultUnit)
    {
        var position = cursor.Position;
        var text = TakeLiteral(cursor, name);
        var digits = text.AsSpan().TrimEnd("msh");
        var unit = text[digits.Length..] switch
        {
            "" => defaultUnit,
            "ms" => TimeSpan.FromMilliseconds(1),
            "s" => TimeSpan.FromSeconds(1),
            "m" => TimeSpan.FromMinutes(1),
            _ => TimeSpan.Zero,
        };
        return int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            && number * unit is var duration && duration > TimeSpan.Zero && duration <= Longest
            ? duration
            : throw new HurlFault(position, $"{name} '{text}': expected a time such as 500ms, 10s or 2m, of at most an hour");
    }

    private static string TakeLiteral(HurlCursor cursor, string name)
    {
        var value = HurlStrings.TakeValue(cursor);
        return Running.SmokeText.Cut(value.Literal ?? throw HurlFault.NotSupported(value.Position, $"a variable in [Options] {name}"), 40);
    }

    private static HurlVariable TakeVariable(HurlCursor cursor)
    {
        var name = HurlStrings.TakeName(cursor, cursor.Position);
        cursor.SkipBlanks();
        if (!cursor.TryTake("="))
        {
            throw new HurlFault(cursor.Position, $"expected '=' after '{name}', found {cursor.Found()}");
        }

        cursor.SkipBlanks();
        if (cursor.Current == '"')
        {
            return new HurlVariable(name, null, HurlStrings.TakeQuoted(cursor).Build());
        }

        var value = HurlStrings.TakeValue(cursor);
        return value.Literal is { } text && HurlAssertParser.ToLiteral(text) is { } literal
            ? new HurlVariable(name, literal, null)
            : new HurlVariable(name, null, value);
    }
}
