namespace Shop.Storefront;

/// <summary>
/// Asks a new instance for each page once before it calls itself healthy, so that no customer waits for code that has never run.
/// Nothing is ordered by it: it logs nobody in.
/// </summary>
internal sealed class WarmUp
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);
    private volatile bool _done;

    /// <summary>Whether it has ended, well or not.</summary>
    public bool IsDone => _done;

    /// <summary>Asks. What the pages answer does not matter, for health says whether the instance can work.</summary>
    /// <param name="address">The instance's own address.</param>
    /// <param name="logger">Is told where a page gave no answer.</param>
    public async Task RunAsync(Uri address, ILogger logger)
    {
        try
        {
            using var handler = new SocketsHttpHandler { AllowAutoRedirect = false, UseProxy = false };
            using var client = new HttpClient(handler) { BaseAddress = address, Timeout = Patience };
            using var nobody = new FormUrlEncodedContent([KeyValuePair.Create("name", "")]);
            using var nothing = new FormUrlEncodedContent([]);
            var answers = await Task.WhenAll(client.GetAsync("/"), client.GetAsync("/search?q=tea"), client.PostAsync("/login", nobody), client.PostAsync("/checkout", nothing));
            foreach (var answer in answers)
            {
                answer.Dispose();
            }
        }
        catch (Exception exception) when (exception is HttpRequestException or OperationCanceledException)
        {
            logger.LogWarning("Not warmed up: {Reason}", exception.Message);
        }

        _done = true;
    }
}
