namespace DeployOps.Smoke.Running;

/// <summary>What is decided about a transport: where a redirect leads, and what a broken connection says.</summary>
internal static class SmokeTransport
{
    /// <summary>
    /// The next message of a redirect (RFC 9110, 15.4): 303, and 301 or 302 after a POST, become a GET without a body;
    /// credentials and hand-written cookies do not go to another origin.
    /// </summary>
    /// <exception cref="SmokeFault">The redirect leads to no http or https address.</exception>
    public static async Task<HttpRequestMessage> RedirectAsync(HttpRequestMessage sent, SmokeAnswer answer, string location, CancellationToken cancellationToken)
    {
        if (!Uri.TryCreate(answer.Url, location, out var target) || target.Scheme is not ("http" or "https"))
        {
            throw new SmokeFault(SmokeOutcome.Failed, "the redirect leads to what is not an http address");
        }

        var becomesGet = (answer.Status == 303 && sent.Method != HttpMethod.Head) || (answer.Status is 301 or 302 && sent.Method == HttpMethod.Post);
        var next = new HttpRequestMessage(becomesGet ? HttpMethod.Get : sent.Method, target);
        var sameOrigin = Uri.Compare(answer.Url, target, UriComponents.SchemeAndServer, UriFormat.Unescaped, StringComparison.OrdinalIgnoreCase) == 0;
        foreach (var header in sent.Headers.NonValidated)
        {
            // The jar adds its cookies anew for each address.
            if (header.Key is not ("Cookie" or "Host") && (sameOrigin || header.Key is not "Authorization"))
            {
                next.Headers.TryAddWithoutValidation(header.Key, header.Value.AsEnumerable());
            }
        }

        if (!becomesGet && sent.Content is { } content)
        {
            next.Content = new ByteArrayContent(await content.ReadAsByteArrayAsync(cancellationToken));
            foreach (var header in content.Headers.NonValidated)
            {
                next.Content.Headers.TryAddWithoutValidation(header.Key, header.Value.AsEnumerable());
            }
        }

        return next;
    }

    /// <summary>Nobody reached means that the test could not run; somebody who broke off means that it failed.</summary>
    public static SmokeFault ToFault(HttpRequestException fault) => fault.HttpRequestError switch
    {
        HttpRequestError.NameResolutionError => new(SmokeOutcome.Error, $"the host's name does not resolve: {Cause(fault)}"),
        HttpRequestError.ConnectionError => new(SmokeOutcome.Error, $"no connection: {Cause(fault)}"),
        HttpRequestError.SecureConnectionError => new(SmokeOutcome.Error, $"no secure connection: {Cause(fault)}"),
        HttpRequestError.ProxyTunnelError => new(SmokeOutcome.Error, $"the proxy refused: {Cause(fault)}"),
        HttpRequestError.ResponseEnded => new(SmokeOutcome.Failed, $"the answer broke off: {Cause(fault)}"),
        HttpRequestError.InvalidResponse => new(SmokeOutcome.Failed, $"the answer is not HTTP: {Cause(fault)}"),
        _ => new(SmokeOutcome.Failed, $"the exchange broke off: {Cause(fault)}"),
    };

    private static string Cause(Exception fault) => SmokeText.Cut(SmokeText.Printable((fault.InnerException ?? fault).Message), 300);
}
