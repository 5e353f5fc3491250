// A small shop over HTTP: as it was (`--variant old`) and as somebody wrote it anew (`--variant new`). Most answers
// are alike. Where they are not, a comment says "planted": that is what twinrun has to find.
#include <httplib.h>
#include <signal.h>

#include <atomic>
#include <chrono>
#include <cstdlib>
#include <iostream>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <thread>

using nlohmann::json;
using namespace std::chrono_literals;

namespace {

constexpr std::size_t kThreads = 64;  // one per kept-open connection: cpp-httplib serves a connection per thread
constexpr std::size_t kRequestsPerConnection = 1'000'000;  // cpp-httplib's own default closes after five

enum class Variant { old, new_ };

int number_in(const httplib::Request& request) { return std::stoi(request.matches[1]); }

void send(httplib::Response& response, const json& body) { response.set_content(body.dump(), "application/json"); }

std::string microseconds_now() {
  const auto since_epoch = std::chrono::system_clock::now().time_since_epoch();
  return std::to_string(std::chrono::duration_cast<std::chrono::microseconds>(since_epoch).count());
}

json product(int id) {
  return {{"id", id}, {"name", "Product " + std::to_string(id)}, {"price", 100 + id}, {"currency", "EUR"}};
}

json products_page(int page) {
  json items = json::array();
  for (int id = page * 10; id < page * 10 + 10; ++id) {
    items.push_back(product(id));
  }
  return {{"page", page}, {"items", items}};
}

json order(Variant variant, int id) {
  json body = {{"id", id}, {"state", "paid"}, {"generated_at", microseconds_now()}};
  const json address = {{"street", "Harbour " + std::to_string(id)}, {"city", "Bergen"}};
  if (variant == Variant::old) {
    body["total"] = 1200 + id;
    body["shipping_address"] = address;
  } else {
    body["total"] = std::to_string(1200 + id);  // planted: a number became a string
    body["ship_to"] = address;                  // planted: a renamed member
  }
  return body;
}

json order_lines(Variant variant, int order_id) {
  json lines = json::array();
  for (int sku = 1; sku <= 3; ++sku) {
    lines.push_back({{"sku", order_id * 10 + sku}, {"quantity", sku}});
  }
  if (variant == Variant::new_ && order_id % 4 == 0) {
    lines.erase(1);  // planted: a missing element, in one order of four
  }
  return {{"order", order_id}, {"lines", lines}};
}

json search(Variant variant) {
  if (variant == Variant::old) {
    return {{"hits", {"anchor", "buoy", "chain"}}};
  }
  return {{"hits", {"buoy", "anchor", "chain"}}};  // planted: a changed order
}

json stock(Variant variant, int id) {
  if (variant == Variant::old) {
    return {{"id", id}, {"weight_kg", 0.30}, {"labels", {"fragile", "blue"}}};
  }
  // Both differences are agreed upon, and twinrun.yaml says so with two rules.
  return {{"id", id}, {"weight_kg", 0.30000000000000004}, {"labels", {"blue", "fragile"}}};
}

void customer(Variant variant, int id, httplib::Response& response) {
  if (variant == Variant::new_ && id % 20 == 0) {
    response.status = 500;  // planted: a failure, for one customer of twenty
    send(response, {{"error", "no such column: loyalty"}});
    return;
  }
  send(response, {{"id", id}, {"name", "Customer " + std::to_string(id)}});
}

void add_routes(httplib::Server& server, Variant variant, std::atomic<int>& writes) {
  server.Get("/products", [](const auto& request, auto& response) {
    send(response, products_page(std::atoi(request.get_param_value("page").c_str())));
  });
  server.Get(R"(/products/(\d+))",
             [](const auto& request, auto& response) { send(response, product(number_in(request))); });
  server.Get(R"(/orders/(\d+))",
             [=](const auto& request, auto& response) { send(response, order(variant, number_in(request))); });
  server.Get(R"(/orders/(\d+)/lines)",
             [=](const auto& request, auto& response) { send(response, order_lines(variant, number_in(request))); });
  server.Get("/search", [=](const auto&, auto& response) { send(response, search(variant)); });
  server.Get(R"(/stock/(\d+))",
             [=](const auto& request, auto& response) { send(response, stock(variant, number_in(request))); });
  server.Get(R"(/customers/(\d+))",
             [=](const auto& request, auto& response) { customer(variant, number_in(request), response); });
  server.Get(R"(/reports/(\d+))", [=](const auto& request, auto& response) {
    std::this_thread::sleep_for(variant == Variant::old ? 2ms : 60ms);  // planted: a slow path
    send(response, {{"month", number_in(request)}, {"revenue", 480'000}});
  });
  server.Post("/orders", [&writes](const auto&, auto& response) {
    response.status = 201;
    send(response, {{"id", ++writes}});
  });
  // Asked by run.sh directly: new must not have seen a single write.
  server.Get("/writes", [&writes](const auto&, auto& response) { send(response, {{"writes", writes.load()}}); });
}

httplib::Server* running = nullptr;  // for the signal handler only

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3 || argv[1] != std::string_view("--variant")) {
    std::cerr << "usage: shop --variant old|new [--port N]     (port 0, the default, takes a free one)\n";
    return 2;
  }
  const Variant variant = argv[2] == std::string_view("old") ? Variant::old : Variant::new_;
  const int wanted = argc > 4 ? std::atoi(argv[4]) : 0;

  httplib::Server server;
  server.new_task_queue = [] { return new httplib::ThreadPool(kThreads); };
  server.set_keep_alive_max_count(kRequestsPerConnection);
  server.set_keep_alive_timeout(60);
  server.set_tcp_nodelay(true);
  std::atomic<int> writes{0};
  add_routes(server, variant, writes);

  const bool any = wanted == 0;
  const int port = any ? server.bind_to_any_port("127.0.0.1") : wanted;
  if (port <= 0 || (!any && !server.bind_to_port("127.0.0.1", port))) {
    std::cerr << "shop: cannot listen on 127.0.0.1:" << wanted << '\n';
    return 1;
  }
  running = &server;
  signal(SIGTERM, [](int) { running->stop(); });
  std::cout << "listening port=" << port << std::endl;
  server.listen_after_bind();
}
