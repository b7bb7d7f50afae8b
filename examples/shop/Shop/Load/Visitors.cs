using System.Collections.Concurrent;

namespace Shop.Load;

/// <summary>Sends what customers send: mostly pages and searches, and now and then a login with an order.</summary>
internal sealed class Visitors(HttpClient client, LoadTally tally)
{
    private static readonly string[] Words = ["tea", "coffee", "herbal", "no. 7", "syrup"];
    private readonly ConcurrentQueue<string> _sessions = new();

    /// <summary>Sends the request whose turn it is. Of ten, five are pages, three searches, one a login and one a checkout.</summary>
    public Task VisitAsync(long turn) => (turn % 10) switch
    {
        1 or 4 or 7 => SendAsync(HttpMethod.Get, $"search?q={Uri.EscapeDataString(Words[turn / 10 % Words.Length])}", null, null),
        5 => SendAsync(HttpMethod.Post, "login", null, Form(("name", $"customer-{1 + (turn / 10 % 60)}"))),
        9 when _sessions.TryDequeue(out var session) =>
            SendAsync(HttpMethod.Post, "checkout", session, Form(("product", $"{1 + (turn / 10 % 240)}"), ("quantity", "1"))),
        _ => SendAsync(HttpMethod.Get, "", null, null),
    };

    private static FormUrlEncodedContent Form(params (string Name, string Value)[] fields) =>
        new(fields.Select(field => KeyValuePair.Create(field.Name, field.Value)));

    private async Task SendAsync(HttpMethod method, string path, string? session, HttpContent? content)
    {
        using var request = new HttpRequestMessage(method, path) { Content = content };
        if (session is not null)
        {
            request.Headers.Add("Cookie", session);
        }

        int? status = null;
        var reason = "";
        tally.Begin();
        try
        {
            using var response = await client.SendAsync(request);
            status = (int)response.StatusCode;
            if (response.Headers.TryGetValues("Set-Cookie", out var cookies))
            {
                _sessions.Enqueue(cookies.First().Split(';')[0]);
            }
        }
        catch (Exception exception) when (exception is HttpRequestException or OperationCanceledException)
        {
            reason = exception.InnerException?.Message ?? exception.Message;
        }
        finally
        {
            tally.End($"{method} /{path}", status, reason);
        }
    }
}
