using Shop.CommandLine;
using Shop.Edge;
using Shop.Load;
using Shop.Store;
using Shop.Storefront;

// SQLite waits for a lock on the thread that asked, so a few threads must be there before the pool thinks of growing.
ThreadPool.SetMinThreads(16, 16);
try
{
    var arguments = CommandArguments.Parse(args);
    return arguments.Command switch
    {
        "serve" => await ServeCommand.RunAsync(arguments),
        "edge" => await EdgeCommand.RunAsync(arguments),
        "load" => await LoadCommand.RunAsync(arguments),
        "setup" => SetupCommand.Run(arguments),
        _ => throw new UsageException($"'{arguments.Command}' is no command: expected serve, edge, load or setup."),
    };
}
catch (UsageException exception)
{
    await Console.Error.WriteLineAsync($"shop: {exception.Message}");
    return 2;
}
