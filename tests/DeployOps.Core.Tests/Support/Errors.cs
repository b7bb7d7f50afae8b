namespace DeployOps.Core.Tests.Support;

/// <summary>Says which error a piece of work ends with.</summary>
internal static class Errors
{
    public static async Task<DeployOpsException> OfAsync(Func<Task> work, string errorId)
    {
        var error = await Should.ThrowAsync<DeployOpsException>(work);
        error.ErrorId.ShouldBe(errorId, error.Message);
        return error;
    }
}
