using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace Rcomm.ProgramTests;

/// <summary>What this machine can't do is a separate error, and never counts as the server's fault.</summary>
public sealed class BurstLimitTests
{
    [Fact]
    public async Task A_file_limit_that_is_too_low_is_said_before_anything_is_opened()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start(10);
        await using RcommProcess burst = RcommProcess.StartScript($"ulimit -n 300; exec \"$0\" burst http://{listener.LocalEndpoint}/ --connections 500");

        Assert.Equal(1, await burst.ExitCodeAsync());
        Assert.Contains("500 connections at once need", burst.Errors);
        Assert.Contains("ulimit -n", burst.Errors);
        Assert.Equal("", burst.Output);
        Assert.False(listener.Pending());
    }

    [Fact]
    public async Task A_soft_file_limit_is_raised_to_the_hard_one()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start(300);
        await using RcommProcess burst =
            RcommProcess.StartScript($"ulimit -S -n 200; exec \"$0\" burst http://{listener.LocalEndpoint}/ --connections 300 --connect-only");

        Assert.Equal(0, await burst.ExitCodeAsync());
        Assert.Contains("All 300 connections were connected.", burst.Output);
    }

    [Fact]
    public async Task A_file_limit_reached_on_the_way_ends_the_run_and_blames_no_server()
    {
        // At a given rate, the number of open connections depends on the server; this one answers none.
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start(1000);
        await using RcommProcess burst =
            RcommProcess.StartScript($"ulimit -n 300; exec \"$0\" burst http://{listener.LocalEndpoint}/ --connections 900 --rate 100000");

        Assert.Equal(1, await burst.ExitCodeAsync());
        Assert.Contains("EMFILE", burst.Errors);
        Assert.Equal("", burst.Output);
    }

    [Fact]
    public async Task Ports_that_run_out_end_the_run_with_what_to_do()
    {
        using var site = new SampleSite();
        // 20 ports, and 50 connections that are kept open.
        await using RcommProcess burst = InNetworkOfItsOwn($$"""
            echo 40000 40019 > /proc/sys/net/ipv4/ip_local_port_range
            "$0" serve --port 7878 {{site.Root}} > {{site.Folder}}/log &
            until grep -q Listening {{site.Folder}}/log; do :; done
            "$0" burst http://127.0.0.1:7878/ --connections 50 --hold 1s --sources 127.0.0.1
            """);

        Assert.Equal(1, await burst.ExitCodeAsync());
        Assert.Contains("EADDRNOTAVAIL", burst.Errors);
        Assert.Contains("--sources", burst.Errors);
        Assert.DoesNotContain("connections", burst.Output);
    }

    [Fact]
    public async Task A_public_address_is_burst_by_its_owner()
    {
        await using RcommProcess burst = InNetworkOfItsOwn("""
            ip address add 192.0.2.1/32 dev lo
            "$0" burst http://192.0.2.1:7878/ --connections 20 --i-own-this-host
            """);

        Assert.Equal(1, await burst.ExitCodeAsync());
        Assert.Contains("All 20 connections were refused", burst.Output);
    }

    [Fact]
    public async Task A_target_that_no_route_leads_to_is_no_fault_of_a_server()
    {
        await using RcommProcess burst = InNetworkOfItsOwn("\"$0\" burst http://10.0.0.1/ --connections 20");

        Assert.Equal(1, await burst.ExitCodeAsync());
        Assert.Contains("this machine has no route to 10.0.0.1:80", burst.Errors);
        Assert.Equal("", burst.Output);
    }

    // Separate process and network namespaces: nothing outside is changed, and everything in them ends with the script.
    private static RcommProcess InNetworkOfItsOwn(string script)
    {
        const string Unshare = "unshare --map-root-user --net --pid --fork --kill-child --mount-proc";
        Assert.SkipUnless(Works($"{Unshare} ip link set lo up"), "needs unshare (util-linux), ip (iproute2) and the right to make a network namespace");
        return RcommProcess.StartScript($"exec {Unshare} /bin/sh -c '\nset -e\nip link set lo up\n{script}' \"$0\"");
    }

    private static bool Works(string command)
    {
        using Process shell = Process.Start(new ProcessStartInfo("/bin/sh", ["-c", $"{command} 2>&1"]) { RedirectStandardOutput = true })!;
        shell.StandardOutput.ReadToEnd();
        shell.WaitForExit();
        return shell.ExitCode == 0;
    }
}
