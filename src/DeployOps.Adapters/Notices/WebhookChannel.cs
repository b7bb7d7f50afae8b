using System.Net;
using System.Security.Cryptography;
using System.Text;
using DeployOps.Notices;
using Polly;
using Polly.Timeout;

namespace DeployOps.Adapters.Notices;

/// <summary>
/// Posts notices to an address. Each request bears the notice's key as <c>Idempotency-Key</c>, and where there is a secret the body's HMAC-SHA256 as
/// <c>X-DeployOps-Signature: sha256=</c> and 64 hexadecimal digits.
/// </summary>
internal sealed class WebhookChannel(NoticeSpec spec, HttpClient client, TimeProvider timeProvider) : INoticeChannel
{
    private readonly ResiliencePipeline tries = ChannelTries.Of(e => e is WebhookException { Passes: true } or HttpRequestException, timeProvider);

    /// <inheritdoc/>
    public async Task<string?> SendAsync(Notice notice, CancellationToken cancellationToken)
    {
        var body = WebhookBody.Of(notice, spec.Format);
        try
        {
            await tries.ExecuteAsync(async token => await PostAsync(notice.Key, body, token), cancellationToken);
            return null;
        }
        catch (WebhookException e) when (e.IsOfBody)
        {
            throw ChannelTries.Refused($"{spec.Uri!.Host} answered {e.Message}, which is about what was sent.", "See that the channel's Format is the one the address takes.", e);
        }
        catch (WebhookException e)
        {
            throw ChannelTries.NotTaken($"{spec.Uri!.Host} answered {e.Message}.", "See what it says about the address and the body.", e);
        }
        catch (Exception e) when (e is HttpRequestException or TimeoutRejectedException)
        {
            throw ChannelTries.NotReached($"{spec.Uri!.Host} does not answer: {(e is TimeoutRejectedException ? "nothing came in time" : e.Message)}.", "See that it can be reached from here.", e);
        }
    }

    private async Task PostAsync(string key, byte[] body, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, spec.Uri) { Content = new ByteArrayContent(body) { Headers = { ContentType = new("application/json") { CharSet = "utf-8" } } } };
        request.Headers.Add("Idempotency-Key", key);
        if (spec.Secret is { } secret)
        {
            request.Headers.Add("X-DeployOps-Signature", $"sha256={Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), body))}");
        }

        using var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        if (!response.IsSuccessStatusCode)
        {
            throw new WebhookException(response.StatusCode);
        }
    }

    /// <summary>An answer that is no success.</summary>
    private sealed class WebhookException(HttpStatusCode status) : Exception($"{(int)status}")
    {
        /// <summary>True where the server understood who posts and where, and will not have the body: another body may pass. What it says of the address or of who may post it says of every body.</summary>
        internal bool IsOfBody => status is HttpStatusCode.BadRequest or HttpStatusCode.RequestEntityTooLarge or HttpStatusCode.UnsupportedMediaType or HttpStatusCode.UnprocessableEntity;

        /// <summary>True where the server may take it the next time: it is busy or broken, and not the request wrong.</summary>
        internal bool Passes => status is HttpStatusCode.RequestTimeout or HttpStatusCode.TooManyRequests || (int)status >= 500;
    }
}
