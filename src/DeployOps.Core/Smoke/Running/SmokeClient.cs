using DeployOps.Smoke.Syntax;

namespace DeployOps.Smoke.Running;

/// <summary>Sends the requests of one run of one file, with its cookies, and follows redirects where the file asks for it.</summary>
internal sealed class SmokeClient(HttpMessageHandler handler, SmokeRunOptions options, SmokeSecrets secrets, TimeProvider time) : IDisposable
{
    /// <summary>The most that is read of a body, in bytes: 1 MiB.</summary>
    public const int LongestBody = 1024 * 1024;

    private readonly HttpMessageInvoker invoker = new(handler, disposeHandler: true);
    private readonly SmokeCookies cookies = new(time);

    /// <summary>How many requests were sent so far.</summary>
    public int Requests { get; private set; }

    /// <summary>Sends a request and reads its answer.</summary>
    /// <param name="request">The file's request.</param>
    /// <param name="variables">The variables.</param>
    /// <param name="evidence">Is told each exchange.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <exception cref="SmokeFault">It could not be sent, or no whole answer came.</exception>
    public async Task<SmokeAnswer> SendAsync(HurlRequest request, SmokeVariables variables, SmokeEvidence evidence, CancellationToken cancellationToken)
    {
        var limit = request.Options.MaxTime ?? options.MaxTime;
        using var timeout = new CancellationTokenSource(limit, time);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, timeout.Token);
        try
        {
            return await FollowAsync(request, new SmokeRequestBuilder(variables, options, secrets).Build(request), evidence, linked.Token);
        }
        catch (Exception fault) when (linked.IsCancellationRequested && fault is (OperationCanceledException or HttpRequestException or IOException))
        {
            cancellationToken.ThrowIfCancellationRequested();
            throw new SmokeFault(SmokeOutcome.Error, $"no whole answer within {limit.TotalSeconds:0.###} s");
        }
        catch (HttpRequestException fault)
        {
            throw SmokeTransport.ToFault(fault);
        }
        catch (IOException fault)
        {
            throw new SmokeFault(SmokeOutcome.Failed, $"the answer broke off: {SmokeText.Printable(fault.Message)}");
        }
    }

    /// <inheritdoc/>
    public void Dispose() => invoker.Dispose();

    private async Task<SmokeAnswer> FollowAsync(HurlRequest request, HttpRequestMessage first, SmokeEvidence evidence, CancellationToken cancellationToken)
    {
        var message = first;
        try
        {
            for (var redirects = 0; ; redirects++)
            {
                var answer = await ExchangeAsync(message, evidence, cancellationToken);
                if (!request.Options.Location || answer.Status is not (301 or 302 or 303 or 307 or 308) || answer.Values("Location") is not [var location, ..])
                {
                    return answer;
                }

                if (redirects == request.Options.MaxRedirects)
                {
                    throw new SmokeFault(SmokeOutcome.Failed, $"more than {redirects} redirects; the last leads to {SmokeValue.Of(location).Show(secrets.Redact)}");
                }

                var next = await SmokeTransport.RedirectAsync(message, answer, location, cancellationToken);
                message.Dispose();
                message = next;
            }
        }
        finally
        {
            message.Dispose();
        }
    }

    private async Task<SmokeAnswer> ExchangeAsync(HttpRequestMessage message, SmokeEvidence evidence, CancellationToken cancellationToken)
    {
        var url = message.RequestUri!;
        SmokeRequestBuilder.AddCookies(message, cookies.For(url));
        evidence.Sending(message);
        Requests++;
        var start = time.GetTimestamp();
        using var response = await invoker.SendAsync(message, cancellationToken);
        var (body, isCut) = await ReadAsync(response.Content, cancellationToken);
        var headers = response.Headers.NonValidated.Concat(response.Content.Headers.NonValidated)
            .SelectMany(static header => header.Value.Select(value => KeyValuePair.Create(header.Key, value)))
            .ToList();
        var answer = new SmokeAnswer((int)response.StatusCode, url, headers, body, isCut, time.GetElapsedTime(start));
        foreach (var cookie in answer.Values("Set-Cookie"))
        {
            cookies.Take(url, cookie);
        }

        evidence.Received(answer);
        return answer;
    }

    private static async Task<(byte[] Body, bool IsCut)> ReadAsync(HttpContent content, CancellationToken cancellationToken)
    {
        var stream = await content.ReadAsStreamAsync(cancellationToken);
        using var body = new MemoryStream();
        var buffer = new byte[16 * 1024];
        while (body.Length <= LongestBody)
        {
            var read = await stream.ReadAsync(buffer, cancellationToken);
            if (read == 0)
            {
                return (body.ToArray(), false);
            }

            body.Write(buffer, 0, read);
        }

        body.SetLength(LongestBody);
        return (body.ToArray(), true);
    }
}
