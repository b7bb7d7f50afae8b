using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using DeployOps.Notices;

namespace DeployOps.Adapters.Notices;

/// <summary>The JSON of a notice, as the different receivers want it.</summary>
internal static class WebhookBody
{
    /// <summary>Slack takes a section of 3,000 characters; a header has plain text of 150.</summary>
    private const int LongestSlackText = 2900;

    private const int LongestSlackHeader = 150;

    /// <summary>A Workflows webhook takes a message of 28 KB; a character may become 8 bytes of it.</summary>
    private const int LongestTeamsText = 2900;

    private const int LongestTeamsTitle = 250;

    /// <summary>The body, UTF-8.</summary>
    internal static byte[] Of(Notice notice, WebhookFormat format) => JsonSerializer.SerializeToUtf8Bytes(format switch
    {
        WebhookFormat.Slack => Slack(notice),
        WebhookFormat.Teams => Teams(notice),
        _ => Plain(notice),
    });

    private static JsonObject Plain(Notice notice) => new()
    {
        ["key"] = notice.Key,
        ["window"] = notice.Window,
        ["service"] = notice.Service,
        ["environment"] = notice.Environment,
        ["release"] = notice.Release,
        ["time"] = Time(notice),
        ["state"] = notice.State.ToString(),
        ["head"] = notice.Head,
        ["tone"] = notice.Tone.ToString(),
        ["title"] = notice.Title,
        ["text"] = notice.Text,
    };

    // https://docs.slack.dev/reference/block-kit/blocks; text beside the blocks is what a notification shows.
    private static JsonObject Slack(Notice notice)
    {
        var blocks = new JsonArray(new JsonObject
        {
            ["type"] = "header",
            ["text"] = new JsonObject { ["type"] = "plain_text", ["text"] = Cut($"{Sign(notice.Tone)} {notice.Title}", LongestSlackHeader) },
        });
        if (notice.Text.Length > 0)
        {
            blocks.Add(new JsonObject { ["type"] = "section", ["text"] = new JsonObject { ["type"] = "plain_text", ["text"] = Cut(notice.Text, LongestSlackText) } });
        }

        blocks.Add(new JsonObject { ["type"] = "context", ["elements"] = new JsonArray(new JsonObject { ["type"] = "plain_text", ["text"] = $"{notice.Key}, {Time(notice)}" }) });
        return new JsonObject { ["text"] = EscapeSlack(Cut(notice.ToString(), LongestSlackText)), ["blocks"] = blocks };
    }

    // What a Workflows webhook takes: a message with one adaptive card. A TextBlock reads a subset of Markdown, so its signs are escaped.
    private static JsonObject Teams(Notice notice)
    {
        var body = new JsonArray(new JsonObject
        {
            ["type"] = "TextBlock",
            ["text"] = EscapeMarkdown(Cut(notice.Title, LongestTeamsTitle)),
            ["weight"] = "Bolder",
            ["size"] = "Medium",
            ["wrap"] = true,
            ["color"] = notice.Tone switch { NoticeTone.Good => "Good", NoticeTone.Warning => "Warning", NoticeTone.Bad => "Attention", _ => "Default" },
        });
        if (notice.Text.Length > 0)
        {
            body.Add(new JsonObject { ["type"] = "TextBlock", ["text"] = EscapeMarkdown(Cut(notice.Text, LongestTeamsText)), ["wrap"] = true });
        }

        body.Add(new JsonObject { ["type"] = "TextBlock", ["text"] = EscapeMarkdown($"{notice.Key}, {Time(notice)}"), ["isSubtle"] = true, ["size"] = "Small", ["wrap"] = true });
        var card = new JsonObject { ["$schema"] = "http://adaptivecards.io/schemas/adaptive-card.json", ["type"] = "AdaptiveCard", ["version"] = "1.4", ["body"] = body };

        return new JsonObject
        {
            ["type"] = "message",
            ["attachments"] = new JsonArray(new JsonObject { ["contentType"] = "application/vnd.microsoft.card.adaptive", ["contentUrl"] = null, ["content"] = card }),
        };
    }

    private static string Time(Notice notice) => notice.Time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    private static string Sign(NoticeTone tone) => tone switch
    {
        NoticeTone.Good => "✅",
        NoticeTone.Warning => "⚠️",
        NoticeTone.Bad => "❌",
        _ => "ℹ️",
    };

    private static string Cut(string text, int most) => text.Length <= most ? text : $"{text[..(char.IsHighSurrogate(text[most - 2]) ? most - 2 : most - 1)]}…";

    // The three signs that mean something in Slack's markup.
    private static string EscapeSlack(string text) =>
        text.Replace("&", "&amp;", StringComparison.Ordinal).Replace("<", "&lt;", StringComparison.Ordinal).Replace(">", "&gt;", StringComparison.Ordinal);

    private static string EscapeMarkdown(string text) => string.Concat(text.Select(letter => letter is '\\' or '*' or '_' or '[' or ']' or '(' or ')' or '#' or '`' or '~' or '<' or '>' ? $"\\{letter}" : $"{letter}"));
}
