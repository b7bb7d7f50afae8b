using System.Collections.Immutable;
using System.Globalization;

namespace DeployOps.Smoke.Syntax;

/// <summary>
/// Reads a smoke file line by line. A mistake ends its line only, so that one look tells all of them; lines that
/// belong to something unknown are left out up to the next request, answer or section.
/// </summary>
internal sealed class HurlParser
{
    /// <summary>Past this many mistakes the rest is likely noise.</summary>
    private const int MostErrors = 50;

    /// <summary>More lines than one request and its answer need; it keeps the reading time proportional to the file.</summary>
    private const int MostLines = 1000;

    private static readonly ImmutableArray<string> Methods = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];

    private readonly HurlCursor cursor;
    private readonly List<HurlSyntaxError> errors = [];
    private readonly ImmutableArray<HurlEntry>.Builder entries = ImmutableArray.CreateBuilder<HurlEntry>();
    private HurlRequest? request;
    private HurlResponse? response;
    private HashSet<string> sections = new(StringComparer.Ordinal);
    private HurlPlace place = HurlPlace.Start;
    private int lines;

    /// <summary>Prepares to read a text.</summary>
    public HurlParser(string text) =>
        cursor = new HurlCursor(text.TrimStart('\uFEFF').Replace("\r\n", "\n", StringComparison.Ordinal));

    /// <summary>The mistakes found, in order.</summary>
    public IReadOnlyList<HurlSyntaxError> Errors => errors;

    /// <summary>Reads the whole text.</summary>
    public ImmutableArray<HurlEntry> Parse()
    {
        for (cursor.SkipEmptyLines(); !cursor.AtEnd && errors.Count < MostErrors; cursor.SkipEmptyLines())
        {
            try
            {
                TakeLine();
            }
            catch (HurlFault fault)
            {
                errors.Add(new HurlSyntaxError(fault.Position.Line, fault.Position.Column, fault.Message));
                cursor.SkipLine();
            }
        }

        EndEntry();
        if (entries.Count == 0 && errors.Count == 0)
        {
            errors.Add(new HurlSyntaxError(1, 1, "the file has no request; expected one such as 'GET {{host}}/'"));
        }

        return entries.ToImmutable();
    }

    private void TakeLine()
    {
        if (StartsSection(cursor.RestOfLine))
        {
            TakeSection();
        }
        else if (StartsRequestOrResponse(cursor.RestOfLine))
        {
            TakeFirstLine();
        }
        else if (place == HurlPlace.Unknown)
        {
            cursor.SkipLine();
        }
        else
        {
            TakeContent();
        }
    }

    private static bool StartsSection(ReadOnlySpan<char> line)
    {
        var end = line.IndexOf(']');
        return line is ['[', ..] && end > 1 && !line[1..end].ContainsAnyExcept(System.Buffers.SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"))
            && line[1..end] is not ("true" or "false" or "null");
    }

    private static bool StartsRequestOrResponse(ReadOnlySpan<char> line)
    {
        var length = line.IndexOfAnyExceptInRange('A', 'Z');
        length = length < 0 ? line.Length : length;
        return length > 0 && (length == line.Length || line[length] is ' ' or '\t' || (line[..length] is "HTTP" && line[length] == '/'));
    }

    private void TakeFirstLine()
    {
        var position = cursor.Position;
        var word = cursor.TakeWhile(static c => char.IsAsciiLetterUpper(c));
        if (word == "HTTP")
        {
            TakeStatus(position);
            return;
        }

        EndEntry();

        // Whatever is wrong in this line, the ones below it are judged as those of a request.
        request = new HurlRequest(word, new HurlTemplate([], position), position);
        place = HurlPlace.Request;
        if (!Methods.Contains(word, StringComparer.Ordinal))
        {
            throw HurlFault.NotSupported(position, $"method {Running.SmokeText.Cut(word, 40)}; expected {string.Join(", ", Methods)}");
        }

        cursor.RequireBlank($"'{word}'");
        var url = HurlStrings.TakeUrl(cursor);
        request = url.Parts.IsEmpty
            ? throw new HurlFault(cursor.Position, $"expected an address after '{word}'")
            : new HurlRequest(word, url, position);
        cursor.EndLine();
    }

    private void TakeStatus(SourcePosition position)
    {
        if (request is null || response is not null)
        {
            place = HurlPlace.Unknown;
            throw new HurlFault(position, request is null ? "this answer has no request before it" : "this request has two answers");
        }

        response = new HurlResponse(null, position);
        place = HurlPlace.Response;
        if (cursor.Current == '/')
        {
            throw HurlFault.NotSupported(position, $"HTTP{Running.SmokeText.Cut(cursor.TakeWhile(static c => c is not (' ' or '\t' or '\n')), 40)}; write HTTP and the status");
        }

        cursor.RequireBlank("'HTTP'");
        var statusPosition = cursor.Position;
        var word = cursor.TakeWhile(static c => c is not (' ' or '\t' or '\n' or '#'));
        response = word == "*" ? response
            : word.Length == 3 && int.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out var status) && status is >= 100 and <= 599 ? new HurlResponse(status, position)
            : throw new HurlFault(statusPosition, $"expected a status from 100 to 599 or '*', found '{Running.SmokeText.Cut(Running.SmokeText.Printable(word), 40)}'");
        cursor.EndLine();
    }

    private void TakeSection()
    {
        var position = cursor.Position;
        cursor.Take();
        var name = cursor.TakeWhile(static c => c != ']');
        cursor.Take();
        var known = name switch
        {
            "Query" or "QueryStringParams" => HurlPlace.Query,
            "Form" or "FormParams" => HurlPlace.Form,
            "Cookies" => HurlPlace.Cookies,
            "BasicAuth" => HurlPlace.BasicAuth,
            "Options" => HurlPlace.Options,
            "Captures" => HurlPlace.Captures,
            "Asserts" => HurlPlace.Asserts,
            _ => HurlPlace.Unknown,
        };
        var ofResponse = known is HurlPlace.Captures or HurlPlace.Asserts;
        var before = place;
        place = HurlPlace.Unknown;
        if (known == HurlPlace.Unknown)
        {
            throw HurlFault.NotSupported(position, $"section [{Running.SmokeText.Cut(name, 40)}]; expected [Query], [Form], [Cookies], [BasicAuth] or [Options] of a request, [Captures] or [Asserts] of an answer");
        }

        if (request is null || (ofResponse && response is null) || (!ofResponse && response is not null) || before == HurlPlace.Body)
        {
            // The line that should have come before was itself wrong and has been told.
            if (before == HurlPlace.Unknown && errors.Count > 0)
            {
                return;
            }

            throw new HurlFault(position, ofResponse ? $"[{name}] belongs below the line 'HTTP ...' of an answer" : $"[{name}] belongs to a request, before its body and its answer");
        }

        if (!sections.Add(known.ToString()))
        {
            throw new HurlFault(position, $"[{name}] stands twice for one request");
        }

        place = known;
        cursor.EndLine();
    }

    private void TakeContent()
    {
        if (++lines > MostLines)
        {
            place = HurlPlace.Unknown;
            throw new HurlFault(cursor.Position, $"more than {MostLines} lines for one request");
        }

        switch (place)
        {
            case HurlPlace.Start:
                place = HurlPlace.Unknown;
                throw new HurlFault(cursor.Position, $"expected a request such as 'GET {{{{host}}}}/', found {cursor.Found()}");
            case HurlPlace.Asserts when !StartsBody():
                response = response! with { Asserts = response.Asserts.Add(HurlAssertParser.TakeAssert(cursor)) };
                break;
            case HurlPlace.Captures when !StartsBody():
                response = response! with { Captures = response.Captures.Add(HurlAssertParser.TakeCapture(cursor)) };
                break;
            case HurlPlace.Response when !StartsBody():
                response = response! with { Headers = response.Headers.Add(TakeField()) };
                break;
            case HurlPlace.Response or HurlPlace.Asserts or HurlPlace.Captures:
                place = HurlPlace.Unknown;
                throw HurlFault.NotSupported(cursor.Position, "the body of an answer; write 'body == ...' or 'jsonpath ...' below [Asserts]");
            case HurlPlace.Body:
                place = HurlPlace.Unknown;
                throw new HurlFault(cursor.Position, $"expected 'HTTP ...' or the next request after a body, found {cursor.Found()}");
            default:
                TakeRequestContent();
                break;
        }

        cursor.EndLine();
    }

    private void TakeRequestContent()
    {
        if (StartsBody())
        {
            // Whatever is wrong in a body, its further lines are no headers.
            place = HurlPlace.Unknown;
            var position = cursor.Position;
            var body = TakeBody();
            if (!request!.Form.IsEmpty)
            {
                throw new HurlFault(position, "a request has a form or a body, not both");
            }

            request = request with { Body = body };
            place = HurlPlace.Body;
            return;
        }

        request = place switch
        {
            HurlPlace.Request => request! with { Headers = request.Headers.Add(TakeField()) },
            HurlPlace.Query => request! with { Query = request.Query.Add(TakeField()) },
            HurlPlace.Form => request! with { Form = request.Form.Add(TakeField()) },
            HurlPlace.Cookies => request! with { Cookies = request.Cookies.Add(TakeField()) },
            HurlPlace.Options => request! with { Options = HurlOptionsParser.Take(cursor, request.Options) },
            _ => request!.BasicAuth is null
                ? request with { BasicAuth = TakeField() }
                : throw new HurlFault(cursor.Position, "[BasicAuth] has one line: the user and the password"),
        };
    }

    private HurlField TakeField() => new(HurlStrings.TakeKey(cursor), HurlStrings.TakeValue(cursor));

    private bool StartsBody() => cursor.Current is '{' or '[' or '"' or '`' or '<'
        || cursor.Sees("base64,") || cursor.Sees("hex,") || cursor.Sees("file,");

    private HurlBody TakeBody() => cursor.Current switch
    {
        '{' or '[' or '"' => new HurlBody(HurlBodyKind.Json, new HurlJsonReader(cursor).Take()),
        '`' => new HurlBody(HurlBodyKind.Text, HurlStrings.TakeBackticks(cursor)),
        '<' => throw HurlFault.NotSupported(cursor.Position, "an XML body; write it between ``` and ```"),
        _ => throw HurlFault.NotSupported(cursor.Position, "a body written as base64, hex, or file,"),
    };

    private void EndEntry()
    {
        if (request is not null)
        {
            entries.Add(new HurlEntry(request, response));
        }

        request = null;
        response = null;
        lines = 0;
        sections = new HashSet<string>(StringComparer.Ordinal);
    }
}
