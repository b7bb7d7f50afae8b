namespace DeployOps.Smoke;

/// <summary>Answers without a network; null never answers.</summary>
internal sealed class StubHandler(Func<HttpRequestMessage, HttpResponseMessage?> answer) : HttpMessageHandler
{
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        if (answer(request) is { } response)
        {
            return response;
        }

        await Task.Delay(Timeout.Infinite, cancellationToken);
        throw new InvalidOperationException("a delay without end has ended");
    }
}
